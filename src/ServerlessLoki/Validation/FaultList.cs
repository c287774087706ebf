namespace ServerlessLoki.Validation;

/// <summary>List of the faults that are found while an input is read to its end. The first hundred are listed, the others counted: a table
/// may have a fault in every row.</summary>
internal sealed class FaultList
{
    /// <summary>Most faults that are listed.</summary>
    public const int Most = 100;

    private readonly List<Fault> _faults = [];

    /// <summary>Faults found, those that are not listed included.</summary>
    public int Count { get; private set; }

    public IReadOnlyList<Fault> All => Count <= Most ? _faults : [.. _faults, new Fault("…", $"{Count - Most} further faults are not listed")];

    public void Add(string path, string message, string? found = null, string? allowed = null)
    {
        if (++Count <= Most)
            _faults.Add(new Fault(path, message, found, allowed));
    }
}
