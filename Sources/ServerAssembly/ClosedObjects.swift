package import ObjectStore
import Sinks

/// Which objects the sinks of a data folder are done with.
package enum ClosedObjects {
    /// What is known of the objects of a place.
    ///
    /// - Parameters:
    ///   - data: the data folder; a server may run with it.
    ///   - folder: the place, if it is a folder of this machine.
    package static func finality(
        data: String, in folder: String?
    ) throws(SettingsError) -> @Sendable (SinkObjectName) -> ObjectFinality {
        do {
            return try StoredPositions(data: data).finality(in: folder)
        } catch {
            throw SettingsError("\(data)/state.sqlite cannot be read: \(error)")
        }
    }
}
