using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>Head-room learnt from rehearsals and the demand planned for; the next plan starts from both.</summary>
/// <param name="Rows">[pipeline][task] rows above the mean rate.</param>
internal sealed record HeadroomState(ImmutableArray<ImmutableArray<double>> Rows) : PolicyState
{
    /// <summary>[pipeline] head-room that is not given back, since less did not hold in a rehearsal, as a share of the rule's; empty = none is
    /// known.</summary>
    public ImmutableArray<double> Floors { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>[pipeline] demand that was planned for, queries per second; empty = not known.</summary>
    public ImmutableArray<double> DemandQps { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>True if the slots in force missed too many deadlines in a rehearsal. Of no use later: it is not stored.</summary>
    [JsonIgnore]
    public bool PreviousFails { get; init; }

    internal override ImmutableArray<ImmutableArray<double>> HeadroomRows => Rows;

    internal override bool RejectsPrevious => PreviousFails;

    public bool Equals(HeadroomState? other) =>
        other is not null && Rows.Length == other.Rows.Length && Rows.Zip(other.Rows).All(r => r.First.SequenceEqual(r.Second))
        && Floors.SequenceEqual(other.Floors) && DemandQps.SequenceEqual(other.DemandQps);

    public override int GetHashCode() => Rows.Aggregate(Rows.Length, (hash, row) => row.Aggregate(hash, HashCode.Combine));
}
