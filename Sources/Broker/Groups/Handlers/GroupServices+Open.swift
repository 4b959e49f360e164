import Foundation
import GRDB
import Logging
import NIOCore
import StateStore
import StreamModel

extension GroupServices {
    /// Reads what was kept of groups, and starts to look after them.
    ///
    /// - Parameters:
    ///   - database: holds the tables of `GroupTables.registerMigrations`.
    ///   - loop: where the timers run.
    /// - Throws: if the database cannot be read.
    static func open(
        _ database: any DatabaseReader, writer: StateWriter, topics: any GroupTopics,
        authorizer: any Authorizer, settings: GroupSettings, loop: any EventLoop, clock: WallClock = .system,
        logger: Logger
    ) throws -> GroupServices {
        let stored = try GroupTables.load(database)
        let groups = GroupCoordinator(
            stored, settings: settings, timers: EventLoopTimers(loop: loop), clock: clock,
            records: DurableGroupRecords(writer: writer),
            freshID: { UUID().uuidString.lowercased() })
        let offsets = GroupOffsets(
            stored, groups: groups, writer: writer, settings: settings, clock: clock, logger: logger)
        offsets.startRetention()
        return GroupServices(groups: groups, offsets: offsets, topics: topics, authorizer: authorizer)
    }

    /// The values of groups for `/metrics`.
    var metrics: any MetricSource {
        GroupLag(offsets: offsets, topics: topics, maxSeries: groups.settings.maxLagSeries)
    }
}
