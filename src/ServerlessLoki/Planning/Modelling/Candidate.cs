using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>Variant that may be planned, with the latency levels worth choosing between.</summary>
/// <param name="Id">Position in <see cref="PlanningSpace.Candidates"/>.</param>
/// <param name="Pipeline">Pipeline index.</param>
/// <param name="Task">Task index.</param>
/// <param name="Variant">Variant index.</param>
/// <param name="Name">Variant name.</param>
/// <param name="Accuracy">Accuracy of the variant, 0..1.</param>
/// <param name="Levels">Latency levels by rising latency, each with more throughput on some device than the one before; at least
/// one.</param>
internal sealed record Candidate(
    int Id, int Pipeline, int Task, int Variant, string Name, double Accuracy, ImmutableArray<LatencyLevel> Levels)
{
    /// <summary>Cores of one replica where the profile fixes them; null = a replica takes one slot.</summary>
    public int? Cores { get; init; }

    /// <summary>Slots that one replica takes; at least 1.</summary>
    public int SlotsEach => Cores ?? 1;

    /// <summary>Least processing time, microseconds.</summary>
    public double MinUs => Levels[0].LatencyUs;
}
