using System.Globalization;
using ServerlessLoki.Cli.Output;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Faults of the data, gathered until all was read.</summary>
internal sealed class DataFaults
{
    private const int MostShown = 50;
    private readonly List<string> _shown = [];
    private int _count;

    /// <summary>Adds a fault.</summary>
    /// <param name="place">File, and line where it has lines.</param>
    /// <param name="fault">What is wrong, and the cure.</param>
    public void Add(string place, string fault)
    {
        if (_count++ < MostShown)
            _shown.Add($"--data: {place}: {fault}");
    }

    /// <summary>Ends the command where there are faults.</summary>
    /// <exception cref="BadInputException">Lists the faults, and counts those beyond the first 50.</exception>
    public void ThrowIfAny()
    {
        if (_count > MostShown)
            _shown.Add(string.Create(CultureInfo.InvariantCulture, $"--data: {_count - MostShown} more faults of this kind are not listed"));
        if (_count > 0)
            throw new BadInputException(_shown);
    }
}
