namespace ServerlessLoki.Planning.Modelling;

/// <summary>Choice of variants from the root down to one task; flows are shares of root queries that take it.</summary>
/// <remarks>Paths that share a prefix share its flow, so branches agree (Loki, flows along paths) and nothing is counted twice.</remarks>
/// <param name="Id">Position in <see cref="PlanningSpace.Prefixes"/>.</param>
/// <param name="Parent">Prefix without the last task; null at the root.</param>
/// <param name="Last">The variant at the prefix's last task.</param>
/// <param name="Factor">F(p, v) of Loki's program: rows at the last task per root query, head-room included; at a join the part of its runs that the
/// way counts for, see <see cref="VisitRows"/>.</param>
/// <param name="Accuracy">Product of accuracies, 0..1.</param>
/// <param name="Visit">Position in <see cref="Pipelines.Pipeline.Visits"/> of the way that it takes.</param>
internal sealed record Prefix(int Id, Prefix? Parent, Candidate Last, double Factor, double Accuracy, int Visit)
{
    /// <summary>Least processing time of the prefix, microseconds.</summary>
    public double MinUs { get; } = (Parent?.MinUs ?? 0) + Last.MinUs;

    /// <summary>Lists the variants from the last task up to the root.</summary>
    public IEnumerable<Candidate> Upward()
    {
        for (var prefix = this; prefix is not null; prefix = prefix.Parent)
            yield return prefix.Last;
    }
}
