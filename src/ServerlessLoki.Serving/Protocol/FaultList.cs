namespace ServerlessLoki.Serving.Protocol;

/// <summary>List of all faults of one request, so that one answer reports them all.</summary>
internal sealed class FaultList
{
    private const int Most = 16;
    private readonly List<string> _faults = [];
    private int _status = 400;
    private string _code = "bad_request";

    public bool IsEmpty => _faults.Count == 0;

    public bool IsFull => _faults.Count >= Most;

    public void Add(string path, string what)
    {
        if (!IsFull)
            _faults.Add($"{path}: {what}");
    }

    /// <summary>Adds a fault with a status of its own, which counts only while there is no other fault.</summary>
    public void AddUnsupportedDatatype(string path, string what)
    {
        if (IsEmpty)
            (_status, _code) = (422, "unsupported_datatype");
        Add(path, what);
    }

    public void ThrowIfAny()
    {
        if (!IsEmpty)
            throw new ApiFaultException(_status, _code, string.Join(" ", _faults.Select(f => f + ".")));
    }
}
