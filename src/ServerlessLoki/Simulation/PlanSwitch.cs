using ServerlessLoki.Planning;

namespace ServerlessLoki.Simulation;

/// <summary>A plan that came into force.</summary>
/// <param name="DecidedUs">When it was made.</param>
/// <param name="InForceUs">When it served: after loading.</param>
/// <param name="Swaps">Slots that loaded a variant for it.</param>
/// <param name="Plan">The plan.</param>
public sealed record PlanSwitch(long DecidedUs, long InForceUs, int Swaps, Plan Plan);
