using System.Diagnostics;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Benchmarks.Policies;

/// <summary>Measures what each plan takes.</summary>
internal sealed class StopwatchPolicy(IPlanningPolicy inner) : IPlanningPolicy
{
    private readonly List<double> _ms = [];

    public string Name => inner.Name;

    public bool ScalesAccuracy => inner.ScalesAccuracy;

    public TimeSpan History => inner.History;

    public double MedianMs => _ms.Order().ElementAt(_ms.Count / 2);

    public double LargestMs => _ms.Max();

    public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
    {
        var watch = Stopwatch.StartNew();
        var plan = inner.Plan(problem, cancellationToken);
        _ms.Add(watch.Elapsed.TotalMilliseconds);
        return plan;
    }
}
