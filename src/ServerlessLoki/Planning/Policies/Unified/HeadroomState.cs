using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>Head-room learnt from rehearsals; the next plan starts from it.</summary>
/// <param name="Rows">[pipeline][task] rows above the mean rate.</param>
internal sealed record HeadroomState(ImmutableArray<ImmutableArray<double>> Rows) : PolicyState
{
    internal override ImmutableArray<ImmutableArray<double>> HeadroomRows => Rows;

    public bool Equals(HeadroomState? other) =>
        other is not null && Rows.Length == other.Rows.Length && Rows.Zip(other.Rows).All(r => r.First.SequenceEqual(r.Second));

    public override int GetHashCode() => Rows.Aggregate(Rows.Length, (hash, row) => row.Aggregate(hash, HashCode.Combine));
}
