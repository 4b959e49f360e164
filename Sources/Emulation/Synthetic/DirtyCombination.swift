/// What kind of pin a row is and which of its values are missing.
///
/// The defects are not independent of each other; these eleven combinations are all that occur.
package enum DirtyCombination: CaseIterable, Sendable {
    case image, imageWithoutDescription, imageWithoutTags, imageWithUntitledDescription
    case story, storyWithoutImageSource, storyWithoutTags, storyWithNothing
    case video, videoWithoutDescription, videoWithoutTags

    package enum Medium: Sendable { case image, story, video }

    package enum Description: Sendable { case text, storyFormat, missing, untitled }

    package var medium: Medium {
        switch self {
        case .image, .imageWithoutDescription, .imageWithoutTags, .imageWithUntitledDescription: .image
        case .story, .storyWithoutImageSource, .storyWithoutTags, .storyWithNothing: .story
        case .video, .videoWithoutDescription, .videoWithoutTags: .video
        }
    }

    package var description: Description {
        switch self {
        case .story, .storyWithoutImageSource, .storyWithoutTags, .storyWithNothing: .storyFormat
        case .imageWithoutDescription, .videoWithoutDescription: .missing
        case .imageWithUntitledDescription: .untitled
        case .image, .imageWithoutTags, .video, .videoWithoutTags: .text
        }
    }

    /// Whether the image could not be had; then, and only then, nothing was downloaded.
    package var lacksImageSource: Bool { self == .storyWithoutImageSource || self == .storyWithNothing }

    package var lacksTags: Bool {
        switch self {
        case .imageWithoutTags, .storyWithoutTags, .storyWithNothing, .videoWithoutTags: true
        default: false
        }
    }

    /// Whether title, poster and follower count failed, which they do together.
    package var lacksPoster: Bool { self == .storyWithNothing }

    /// Draws the combination of a row that has a poster.
    init(category: PinCategory, chance: inout SplitMix64) {
        let (stories, videos) = category.mediaShares
        let medium = chance.below(10_000)
        if medium < stories {
            let part = chance.below(217 + 71 + 5)
            self = part < 217 ? .story : part < 217 + 71 ? .storyWithoutImageSource : .storyWithoutTags
        } else if medium < stories + videos {
            let part = chance.below(118 + 4 + 3)
            self = part < 118 ? .video : part < 118 + 4 ? .videoWithoutDescription : .videoWithoutTags
        } else {
            let part = chance.below(3_706 + 63 + 26 + 1)
            switch part {
            case ..<3_706: self = .image
            case ..<(3_706 + 63): self = .imageWithoutDescription
            case ..<(3_706 + 63 + 26): self = .imageWithoutTags
            default: self = .imageWithUntitledDescription
            }
        }
    }
}
