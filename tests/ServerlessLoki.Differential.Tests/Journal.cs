using ServerlessLoki.Simulation;

namespace ServerlessLoki.Differential.Tests;

/// <summary>What one side decided, in words, and how each query ended.</summary>
internal sealed class Journal(Scene scene)
{
    private readonly List<(long AtUs, string Text)> _decisions = [];
    private readonly SortedDictionary<long, string> _ends = [];
    private readonly List<SimulatedDecision> _batch = [];
    private readonly Dictionary<string, int> _counts = [];
    private readonly HashSet<ulong> _sent = [];

    public int Decisions => _decisions.Count;

    /// <summary>How often what was decided.</summary>
    public IEnumerable<(string What, int Count)> Counts() =>
        [.. _counts.Select(c => (c.Key, c.Value)), .. _ends.Values.CountBy(e => e.Split(' ')[0]).Select(c => (c.Key, c.Value))];

    public void Add(SimulatedDecision decision)
    {
        Count(decision);
        if (decision.Kind != DecisionKind.Ran)
        {
            _decisions.Add((decision.AtUs, Words(decision)));
            return;
        }

        _batch.Add(decision);
        if (_batch.Count < decision.Rows)
            return;
        _decisions.Add((decision.AtUs, $"batch of {decision.Rows} on {Place(decision)}: {string.Join(", ", _batch.Select(Item))}"));
        _batch.Clear();
    }

    public void End(long query, string how) => _ends.Add(query, how);

    private void Count(SimulatedDecision decision)
    {
        var what = decision.Kind switch
        {
            DecisionKind.Admitted => "admitted",
            DecisionKind.RefusedAsLate => "refused as late",
            DecisionKind.RefusedForOthers => "refused for others",
            DecisionKind.Sent => _sent.Add(decision.Key) ? "sent" : "rerouted",
            DecisionKind.Ran => decision.Rows == 1 ? "batches of one" : "larger batches",
            DecisionKind.Dropped => "dropped",
            _ => "refused",
        };
        if (decision.Kind != DecisionKind.Ran || _batch.Count == 0)
            _counts[what] = _counts.GetValueOrDefault(what) + 1;
    }

    /// <summary>The first difference, in words; null where there is none.</summary>
    public static string? Difference(Journal engine, Journal simulator)
    {
        // What falls at one moment has no order that means anything, but for the rows of a batch.
        var (a, b) = (Ordered(engine), Ordered(simulator));
        for (var i = 0; i < Math.Max(a.Count, b.Count); i++)
        {
            var (left, right) = (i < a.Count ? a[i] : default, i < b.Count ? b[i] : default);
            if (left != right)
                return $"Decision {i + 1}: the engine: {Line(left)}; the simulator: {Line(right)}. Before: {string.Join("; ", a.Take(i).TakeLast(8).Select(Line))}.";
        }

        foreach (var query in engine._ends.Keys.Union(simulator._ends.Keys).Order())
        {
            var (left, right) = (engine._ends.GetValueOrDefault(query), simulator._ends.GetValueOrDefault(query));
            if (left != right)
                return $"Query q{query}: the engine: {left}; the simulator: {right}.";
        }

        return null;
    }

    private static List<(long AtUs, string Text)> Ordered(Journal journal) =>
        [.. journal._decisions.OrderBy(d => d.AtUs).ThenBy(d => d.Text, StringComparer.Ordinal)];

    private static string Line((long AtUs, string? Text) decision) => decision.Text is null ? "nothing more" : $"at {decision.AtUs:N0} µs {decision.Text}";

    private string Words(SimulatedDecision decision) => decision.Kind switch
    {
        DecisionKind.Admitted => $"admits q{decision.Query} on {Place(decision)}",
        DecisionKind.Sent => $"sends {Item(decision)} to {Place(decision)}",
        DecisionKind.Dropped => $"drops {Item(decision)} from {Place(decision)}",
        DecisionKind.RefusedAsLate => $"refuses q{decision.Query}, which would be late",
        DecisionKind.RefusedForOthers => $"refuses q{decision.Query}, which gives way to other pipelines",
        _ => $"refuses q{decision.Query}",
    };

    private string Place(SimulatedDecision decision) => scene.Problem.Pipelines[decision.Pipeline].Pipeline.Tasks[decision.Task].Variants[decision.Variant].Name;

    private static string Item(SimulatedDecision decision) => $"q{decision.Query}.t{decision.Task}#{decision.Key & 0xFFFFFF:x6}";
}
