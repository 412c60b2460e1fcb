import Foundation

// demo-data: makes up customers, tiers, complaints and surveys around the real purchases of the CDNOW sample.
//
// The same input gives the same bytes on every machine: nothing is drawn but from seeded generators.

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count == 2, let input = arguments.first, let output = arguments.last else {
    FileHandle.standardError.write(Data("usage: demo-data CDNOW_sample.txt FOLDER\n".utf8))
    exit(64)
}

do {
    let purchases = try PurchaseHistory(text: String(contentsOfFile: input, encoding: .utf8))
    let world = MadeUpWorld(purchases: purchases)
    let folder = URL(fileURLWithPath: output, isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in world.files {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }
    print(world.summary)
} catch {
    FileHandle.standardError.write(Data("demo-data: \(error)\n".utf8))
    exit(1)
}
