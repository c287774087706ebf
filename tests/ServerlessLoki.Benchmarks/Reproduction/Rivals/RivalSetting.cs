using System.Globalization;
using ServerlessLoki.Scenarios;
using ServerlessLoki.Simulation;

namespace ServerlessLoki.Benchmarks.Reproduction.Rivals;

/// <summary>How a policy is run: head-room, planning period and batching. Everything else is as its scenario says.</summary>
/// <param name="Utilization">Largest planned load as a share of capacity.</param>
/// <param name="Period">Time between two plans.</param>
/// <param name="Batching">Rule of idle slots.</param>
internal sealed record RivalSetting(double Utilization, TimeSpan Period, BatchingRule Batching)
{
    private static readonly double[] Utilizations = [1, 0.85, 0.7];
    private static readonly TimeSpan[] Periods = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(10)];
    private static readonly BatchingRule[] Batchings = [BatchingRule.FixedSize, BatchingRule.FullBatch, BatchingRule.Deadline];

    /// <summary>All settings that are searched, the same for each policy.</summary>
    public static IReadOnlyList<RivalSetting> Grid { get; } =
        [.. from u in Utilizations from p in Periods from b in Batchings select new RivalSetting(u, p, b)];

    /// <summary>Label of a policy under this setting.</summary>
    public string Label(string policy) => $"{policy} ({this})";

    /// <summary>Makes the setup: the scenario's own options and cluster, its forecaster, and the three that are searched.</summary>
    public PolicySetup Apply(Scenario scenario, string policy)
    {
        var own = scenario.Setup(policy);
        return own with
        {
            Label = Label(policy),
            Options = (own.Options ?? scenario.Problem.Options) with { Utilization = Utilization },
            Simulation = scenario.Simulation with { ControlPeriod = Period, Batching = Batching },
            Forecaster = null,
        };
    }

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static RivalSetting Parse(string text) => Grid.FirstOrDefault(s => s.ToString() == text)
        ?? throw new FormatException($"found \"{text}\"; allowed: one of the grid, such as \"{Grid[0]}\"");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Utilization:0.##}, {Period.TotalSeconds:0} s, {Name(Batching)}");

    private static string Name(BatchingRule rule) => rule switch
    {
        BatchingRule.FixedSize => "fixed-size", BatchingRule.FullBatch => "full-batch", BatchingRule.Aimd => "aimd", _ => "deadline",
    };
}
