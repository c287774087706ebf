namespace ServerlessLoki.Validation;

/// <summary>List of the faults that are found while an input is read to its end.</summary>
internal sealed class FaultList
{
    private readonly List<Fault> _faults = [];

    public int Count => _faults.Count;

    public IReadOnlyList<Fault> All => _faults;

    public void Add(string path, string message, string? found = null, string? allowed = null) =>
        _faults.Add(new Fault(path, message, found, allowed));
}
