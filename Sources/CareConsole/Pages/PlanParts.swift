import CarePlanning
import CareValues

/// How plans are told on more than one page.
enum PlanParts {
    static func basis(_ basis: PlanBasis) -> Phrase {
        switch basis {
        case .calendar: Say.basisCalendar
        case .silence: Say.basisSilence
        case .known: Say.basisKnown
        case .assumed: Say.basisAssumed
        case .running: Say.basisRunning
        }
    }
}
