using ServerlessLoki.Scenarios;

namespace ServerlessLoki.Benchmarks.Reproduction;

/// <summary>What no plan for Loki's two stages can exceed: servers are divisible, nothing queues, processing may use the whole objective, and
/// every path has batches of its own.</summary>
/// <remarks>A fraction of the servers and a fraction of the queries are all that couples paths, so the best mix is on the upper hull of
/// (servers per query, accuracy) and needs at most two of them.</remarks>
internal sealed class LokiBound
{
    private readonly List<(double Servers, double Accuracy)> _paths = [];
    private readonly double _slots;

    public LokiBound(Scenario scenario)
    {
        var (problem, pipeline) = (scenario.Problem, scenario.Problem.Pipelines[0]);
        _slots = problem.Devices.Sum(d => d.Slots);
        var (root, leaf) = (pipeline.Pipeline.Tasks[0], pipeline.Pipeline.Tasks[1]);
        foreach (var first in root.Variants)
        {
            foreach (var second in leaf.Variants)
            {
                var servers = Cheapest(scenario, first.Name, second.Name, pipeline.FanOut[0, first.Index], pipeline.Pipeline.SloUs / 1000.0);
                if (servers < double.PositiveInfinity)
                    _paths.Add((servers, first.Accuracy * second.Accuracy));
            }
        }
    }

    /// <summary>Most queries per second that the most accurate path carries.</summary>
    public double HardwareQps => _slots / _paths.MaxBy(p => p.Accuracy).Servers;

    /// <summary>Most queries per second that anything carries.</summary>
    public double Qps => _slots / _paths.Min(p => p.Servers);

    /// <summary>Best mean accuracy when all of this is served; NaN beyond <see cref="Qps"/>.</summary>
    public double Accuracy(double qps)
    {
        var budget = _slots / qps;
        var best = double.NaN;
        foreach (var cheap in _paths.Where(p => p.Servers <= budget))
        {
            best = double.IsNaN(best) ? cheap.Accuracy : Math.Max(best, cheap.Accuracy);
            foreach (var dear in _paths.Where(p => p.Servers > budget))
            {
                var share = (budget - cheap.Servers) / (dear.Servers - cheap.Servers);
                best = Math.Max(best, cheap.Accuracy + (share * (dear.Accuracy - cheap.Accuracy)));
            }
        }

        return best;
    }

    /// <summary>Most queries per second at this mean accuracy.</summary>
    public double QpsAt(double accuracy)
    {
        var (low, high) = (0.0, Qps);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            if (Accuracy(middle) >= accuracy - 1e-9)
                low = middle;
            else
                high = middle;
        }

        return low;
    }

    private static double Cheapest(Scenario scenario, string first, string second, double children, double sloMs)
    {
        var profile = scenario.Problem.Profile;
        var rows = profile.Rows.GroupBy(r => r.Variant, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);
        var best = double.PositiveInfinity;
        foreach (var a in rows[first])
        {
            foreach (var b in rows[second].Where(r => a.P50Ms + r.P50Ms <= sloMs))
                best = Math.Min(best, (a.P50Ms / 1000 / a.Batch) + (children * b.P50Ms / 1000 / b.Batch));
        }

        return best;
    }
}
