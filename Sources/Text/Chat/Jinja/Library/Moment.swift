import Foundation

/// A point in time as a wall clock shows it, for `strftime_now`.
struct Moment: Sendable {
    private let days: Int
    private let seconds: Int

    /// - Parameter offset: how many seconds the place is ahead of UTC.
    init(_ date: Date, offset: Int) {
        let seconds = date.timeIntervalSince1970.rounded(.down)
        let local = (Int(exactly: min(max(seconds, -1e12), 1e12)) ?? 0) + offset
        days = Int((Double(local) / 86_400).rounded(.down))
        self.seconds = local - days * 86_400
    }

    func formatted(_ format: String) -> String {
        var result = ""
        var isDirective = false
        for scalar in format.unicodeScalars {
            if isDirective {
                result += field(scalar) ?? "%\(scalar)"
                isDirective = false
            } else if scalar == "%" {
                isDirective = true
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result + (isDirective ? "%" : "")
    }

    private func field(_ directive: Unicode.Scalar) -> String? {
        let (year, month, day) = civil
        let hour = seconds / 3_600
        return switch directive {
        case "Y": String(year)
        case "y": padded(year % 100)
        case "m": padded(month)
        case "d": padded(day)
        case "e": padded(day, with: " ")
        case "H": padded(hour)
        case "I": padded((hour + 11) % 12 + 1)
        case "M": padded(seconds / 60 % 60)
        case "S": padded(seconds % 60)
        case "p": hour < 12 ? "AM" : "PM"
        case "B": Self.months[month - 1]
        case "b", "h": String(Self.months[month - 1].prefix(3))
        case "A": Self.weekdays[weekday]
        case "a": String(Self.weekdays[weekday].prefix(3))
        case "w": String(weekday)
        case "u": String(weekday == 0 ? 7 : weekday)
        case "j": String(repeating: "0", count: max(0, 3 - String(dayOfYear).count)) + String(dayOfYear)
        case "F": formatted("%Y-%m-%d")
        case "T": formatted("%H:%M:%S")
        case "D": formatted("%m/%d/%y")
        case "n": "\n"
        case "t": "\t"
        case "%": "%"
        default: nil
        }
    }

    private var weekday: Int { ((days + 4) % 7 + 7) % 7 }

    private var dayOfYear: Int {
        let (year, month, day) = civil
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month - 1] + day + (isLeap && month > 2 ? 1 : 0)
    }

    /// The Gregorian date, counted in eras of 400 years that begin on a first of March.
    private var civil: (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9, day)
    }

    private func padded(_ number: Int, with pad: String = "0") -> String { (number < 10 ? pad : "") + String(number) }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
}
