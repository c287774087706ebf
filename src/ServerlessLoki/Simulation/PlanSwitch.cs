using ServerlessLoki.Planning;

namespace ServerlessLoki.Simulation;

/// <summary>Plan that came into force.</summary>
/// <param name="DecidedUs">Time when the plan was made, microseconds.</param>
/// <param name="InForceUs">Time when the plan began to serve, after loading, microseconds.</param>
/// <param name="Swaps">Slots that loaded a variant for the plan.</param>
/// <param name="Plan">The plan.</param>
public sealed record PlanSwitch(long DecidedUs, long InForceUs, int Swaps, Plan Plan);
