using System.Collections.Immutable;
using ServerlessLoki.Simulation;

namespace ServerlessLoki.Scenarios.Comparison;

/// <summary>Time course of one run, second by second.</summary>
/// <param name="Seed">Seed of the run.</param>
/// <param name="Seconds">Demand, outcomes, accuracy, p99 and slots in use of each second from time 0, warm-up and draining included.</param>
/// <param name="Variants">Slots of each variant under the plan in force; variants that never ran are left out.</param>
/// <param name="Changes">Plans in the order in which they came into force; the first at 0.</param>
/// <param name="PlanTimesMs">Real time of each plan, applied or not, milliseconds; empty where it was not measured.</param>
public sealed record PolicyTimeline(
    ulong Seed, ImmutableArray<SecondSample> Seconds, ImmutableArray<VariantServers> Variants, ImmutableArray<PlanSwitch> Changes,
    ImmutableArray<double> PlanTimesMs);
