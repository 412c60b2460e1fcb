import ArgumentParser
import CareAPI
import CareDispatch
import CareEngine
import CareValues

/// `care receive`
struct ReceiveCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "receive", abstract: "Print webhooks that arrive, their signatures checked.",
        discussion: """
            Examples:
              care receive --secret env:CARE_TRIAL_SECRET
              care receive --port 9000 --secret file:secret.txt --respond 503

            Listens on this machine only. --respond answers something else than 204, to see what retries do.
            """)

    @Option(help: "The port; 0: any that is free.") var port = 8421
    @Option(help: "The address to listen at.") var host = "127.0.0.1"
    @Option(help: "env:NAME or file:PATH of a secret; may be given several times.") var secret: [String] = []
    @Option(help: "The status to answer to good requests.") var respond = 204
    @Option(help: "The Retry-After to answer with it.") var retryAfter: String?
    @Option(help: "The zone of the times shown; without it the project's, else UTC.") var zone: String?

    func execute(_ console: Console) async throws -> Int32 {
        guard !secret.isEmpty else {
            throw CommandFailure.usage(
                "care receive needs --secret",
                help: "The one the destination signs with: --secret env:NAME or file:PATH.")
        }
        guard (0...65_535).contains(port), (200...599).contains(respond) else {
            throw CommandFailure.usage("--port is 0 to 65535, --respond 200 to 599")
        }
        var options = WebhookReceiver.Options(keys: try secret.map { try value($0, console) })
        options.host = host
        options.port = port
        options.respondStatus = respond
        options.respondRetryAfter = retryAfter
        let time = TimeText(zone: try shownZone(console))
        let host = host
        let receiver = WebhookReceiver(
            options: options,
            onListening: { console.line("Listening on http://\(host):\($0). Ctrl-C ends.") },
            onReceive: { console.line($0.text(time: time.clockWithMilliseconds($0.receivedAt))) })
        do {
            try await receiver.run()
        } catch {
            throw CommandFailure(
                "cannot listen on \(host):\(port)", help: "Is another program there? Name another one: --port 0")
        }
        let counts = receiver.counts
        console.line(
            "Received \(counted(counts.verified, "webhook")) with a good signature, \(grouped(counts.refused)) without."
        )
        return ExitCode.fine
    }

    private func value(_ text: String, _ console: Console) throws -> SigningKey {
        guard let reference = SecretReference(text) else {
            throw CommandFailure.usage("--secret is env:NAME or file:PATH, so that it stands in no command line")
        }
        let variables = console.environment
        let files = SecretSource.system(folder: console.workingDirectory).file
        do {
            let value = try SecretSource(environment: { variables[$0] }, file: files).value(reference, for: "receive")
            return try SigningKey(value)
        } catch let error as DestinationError {
            throw CommandFailure(error.message, help: error.help + ".")
        } catch let problem as SigningKey.Problem {
            throw CommandFailure("the secret \(reference.text) \(problem.message)")
        }
    }

    private func shownZone(_ console: Console) throws -> Zone {
        let zones = try EnvironmentFile.find(config: nil, console: console)
        guard let zone else { return zones?.timeZone ?? .utc }
        guard let found = Zones.system.zone(named: zone) else {
            throw CommandFailure.usage("--zone '\(zone)' is no time zone", help: "An IANA name: Europe/Paris.")
        }
        return found
    }
}
