import ArgumentParser
import CareDispatch
import CareStore
import CareTransport
import CareValues

/// `care send --destination D --sample`
struct SendCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Send one sample to one destination, now: to try it.",
        discussion: """
            Examples:
              care send --destination crm --sample
              care send --destination sms --sample --to +8613800001111
              care send --destination team --data '{"text":"Hello from care"}'

            One attempt, without retries. Nothing is decided or stored: the sample is of type care.sample and says
            "sample": true in its data. Exit 1 when it was not delivered.
            """)

    @Option(help: "Its name in care.json.") var destination: String
    @Flag(help: "Send a made-up message.") var sample = false
    @Option(help: "Send this data instead: a JSON object.") var data: String?
    @Option(help: "The customer whom the message names; care-sample unless said.") var customer = "care-sample"
    @Option(help: "The address at the destination, as an action's to has it.") var to: String?
    @Option(help: "The message type.") var type = "care.sample"
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    func execute(_ console: Console) async throws -> Int32 {
        guard sample || data != nil else {
            throw CommandFailure.usage(
                "care send is not told what to send", help: "Add --sample, or --data '{\"text\":\"Hello\"}'.")
        }
        let content = try content()
        let workspace = try Workspace.open(config: config, console: console)
        guard workspace.environment.destinationNames.contains(destination) else {
            throw workspace.unknownDestination(destination)
        }
        let receiver = try workspace.destination(destination)
        let now = console.now()
        let key = CanonicalJSON.array(of: ["care send", customer, now.iso8601, "1", "1"])
        let order = NewDelivery(
            id: DeliveryID(hashing: key), customer: customer, campaign: "care send", key: key,
            destination: destination, address: to ?? "", type: type, data: content, decidedAt: now, expiresAt: nil)
        let trial: DestinationTrial
        do {
            trial = try DestinationTrial.run(order, to: receiver, now: now)
        } catch let error as TransportError {
            throw CommandFailure("the network cannot be used: \(error.message); nothing was sent")
        }
        let view = SendView(trial: trial, order: order, type: receiver.settings.type)
        switch format {
        case .text: console.writeOutput(view.text(Style(console)))
        case .json: console.json(view.json)
        }
        return trial.result.kind == .delivered ? ExitCode.fine : ExitCode.findings
    }

    /// The data of the sample: a text for those who talk to people, and the mark that it is one.
    private func content() throws -> String {
        guard let data else {
            return CanonicalJSON.text(
                .object([
                    "customer": .string(customer), "sample": .bool(true),
                    "text": .string("This is a sample of care: the destination \(destination) works."),
                ]))
        }
        guard case .object(let members)? = JSONValue(jsonText: data) else {
            throw CommandFailure.usage("--data is no JSON object", help: "For example: --data '{\"text\":\"Hello\"}'")
        }
        return CanonicalJSON.text(.object(members))
    }
}
