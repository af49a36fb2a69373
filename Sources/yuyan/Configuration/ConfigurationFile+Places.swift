import Foundation

extension ConfigurationFile {
    /// The file that was named, by flag or variable, or else `yuyan.yaml` here or in `YUYAN_HOME`, if there is one.
    package static func found(
        _ named: String?,
        _ environment: [String: String]
    ) throws(ConfigurationError) -> ConfigurationFile? {
        if let path = named ?? environment["YUYAN_CONFIG"].nonEmpty {
            return try ConfigurationFile(path: (path as NSString).expandingTildeInPath)
        }
        for path in ["yuyan.yaml", Home.folder(environment) + "/yuyan.yaml"] where access(path, F_OK) == 0 {
            return try ConfigurationFile(path: path)
        }
        return nil
    }
}

/// `YUYAN_HOME`: where everything is that we keep.
enum Home {
    static func folder(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        let own = (environment["HOME"].nonEmpty ?? "~") + "/.yuyan"
        return ((environment["YUYAN_HOME"].nonEmpty ?? own) as NSString).expandingTildeInPath
    }
}

extension String? {
    fileprivate var nonEmpty: String? { flatMap { $0.isEmpty ? nil : $0 } }
}
