/// The candidate that `word` was most likely meant to be, for "did you mean …?".
///
/// - Returns: the nearest by edits (insert, delete, replace, swap neighbours; upper and lower case are one third of an
///   edit apart), of equals the first in `candidates`; nil when none lies within 2 edits or a third of the word,
///   whichever is more, or when the edits would replace the whole word.
public func nearest(_ word: String, in candidates: [String]) -> String? {
    let target = Array(word.unicodeScalars)
    let limit = max(2, target.count / 3) * 3
    var best: (text: String, distance: Int)?
    for candidate in candidates where candidate != word {
        let scalars = Array(candidate.unicodeScalars)
        guard abs(scalars.count - target.count) * 3 <= limit else { continue }
        let distance = editDistance(target, scalars)
        guard distance <= limit, distance < 3 * max(target.count, scalars.count), distance < (best?.distance ?? .max)
        else { continue }
        // Two edits of a word of two or three letters are another word, not a slip.
        guard distance <= 3 || target.count > 3 || distance * 2 <= 3 * target.count else { continue }
        best = (candidate, distance)
    }
    return best?.text
}

/// Words of other languages and formats for what has another name here: far by edits, near by meaning.
private let synonyms: [String: [String]] = [
    "not": ["!"], "eq": ["=="], "equals": ["=="], "=": ["=="], "is": ["=="], "ne": ["!="], "neq": ["!="], "<>": ["!="],
    "gt": [">"], "gte": [">="], "ge": [">="], "lt": ["<"], "lte": ["<="], "le": ["<="], "&&": ["and"], "&": ["and"],
    "||": ["or"], "|": ["or"], "any": ["some"], "contains": ["in"], "plus": ["+"], "minus": ["-"], "times": ["*"],
    "div": ["/"], "mod": ["%"],
    "wait": ["after"], "delay": ["after"], "when": ["condition", "where"], "if": ["condition", "where"],
    "filter": ["where", "condition"],
    "never": ["once"], "lunar": ["chinese"], "solar": ["gregorian"], "xmas": ["christmas"], "x-mas": ["christmas"],
]

/// What `word` means among `candidates`: by its meaning elsewhere, else the nearest by edits; see ``nearest(_:in:)``.
public func meant(_ word: String, among candidates: [String]) -> String? {
    if let known = synonyms[word.lowercased()]?.first(where: candidates.contains) { return known }
    return nearest(word, in: candidates)
}

/// Optimal string alignment distance in thirds of an edit: three for an edit, one for a change of case.
///
/// Source: Damerau 1964, Levenshtein 1966; the restricted form, in which no part is edited twice.
func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforePrevious: [Int] = []
    var previous = (0...right.count).map { $0 * 3 }
    for (row, a) in left.enumerated() {
        var current = [(row + 1) * 3]
        for (column, b) in right.enumerated() {
            let replace =
                previous[column] + (a == b ? 0 : a.properties.lowercaseMapping == b.properties.lowercaseMapping ? 1 : 3)
            var distance = min(replace, previous[column + 1] + 3, current[column] + 3)
            if row > 0, column > 0, a == right[column - 1], left[row - 1] == b {
                distance = min(distance, beforePrevious[column - 1] + 3)
            }
            current.append(distance)
        }
        beforePrevious = previous
        previous = current
    }
    return previous[right.count]
}
