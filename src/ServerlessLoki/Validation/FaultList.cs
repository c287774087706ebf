namespace ServerlessLoki.Validation;

/// <summary>Collects faults while an input is read on.</summary>
internal sealed class FaultList
{
    private readonly List<Fault> _faults = [];

    public int Count => _faults.Count;

    public IReadOnlyList<Fault> All => _faults;

    public void Add(string path, string message, string? found = null, string? allowed = null) =>
        _faults.Add(new Fault(path, message, found, allowed));
}
