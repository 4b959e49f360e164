/// Gives each key a small number for as long as something refers to it.
struct KeyTable: Sendable {
    /// By number; those of free numbers are empty.
    private(set) var keys: [[LiveValue]] = []
    private var numbers: [[LiveValue]: UInt32] = [:]
    private var references: [UInt32] = []
    private var free: [UInt32] = []

    /// How many keys there are.
    var count: Int { numbers.count }
    /// All numbers are below.
    var capacity: Int { keys.count }

    func number(of key: [LiveValue]) -> UInt32? { numbers[key] }

    func isUsed(_ number: UInt32) -> Bool { references[Int(number)] > 0 }

    /// The key's number, which nothing refers to yet if the key is new.
    mutating func intern(_ key: [LiveValue]) -> (number: UInt32, isNew: Bool) {
        if let number = numbers[key] { return (number, false) }
        let number: UInt32
        if let last = free.popLast() {
            number = last
            keys[Int(last)] = key
        } else {
            number = UInt32(truncatingIfNeeded: keys.count)
            keys.append(key)
            references.append(0)
        }
        numbers[key] = number
        return (number, true)
    }

    mutating func retain(_ number: UInt32) { references[Int(number)] &+= 1 }

    /// - Returns: true if nothing refers to the key any more, so that its number is free.
    mutating func release(_ number: UInt32) -> Bool {
        let index = Int(number)
        if references[index] > 0 { references[index] -= 1 }
        return removeIfUnused(number)
    }

    /// - Returns: true if nothing refers to the key, so that its number is free.
    mutating func removeIfUnused(_ number: UInt32) -> Bool {
        let index = Int(number)
        guard references[index] == 0, numbers.removeValue(forKey: keys[index]) != nil else { return false }
        keys[index] = []
        free.append(number)
        return true
    }
}
