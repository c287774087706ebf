using System.Collections.Immutable;
using ServerlessLoki.Control;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.Planner;

/// <summary>What the next step of any planner instance goes on from, besides the plan: document <see cref="Name"/> of the state store.</summary>
/// <remarks>Without it nothing is wrong: policies are asked once more.</remarks>
internal sealed record PlannerNotes
{
    /// <summary>Name of the document.</summary>
    public const string Name = "planner";

    /// <summary>Version of the plan that <see cref="Solved"/> is about.</summary>
    public long PlanVersion { get; init; }

    /// <summary>When its policy was asked last, microseconds since 1970; null = not known.</summary>
    public SolveMark? Solved { get; init; }

    /// <summary>What the whole fleet would run; null = nobody asked for anything yet.</summary>
    public Plan? Fleet { get; init; }

    /// <summary>The fleet that it was made for.</summary>
    public ImmutableArray<DeviceType> FleetDevices { get; init; } = [];

    /// <summary>When the policy was asked for <see cref="Fleet"/>, microseconds since 1970.</summary>
    public SolveMark? FleetSolved { get; init; }

    public static async ValueTask<PlannerNotes> ReadAsync(IStateStore state, CancellationToken cancellationToken) =>
        await state.FindDocumentAsync(Name, cancellationToken) is { } json && StateJson.Read<PlannerNotes>(json) is { } notes ? notes : new PlannerNotes();

    /// <summary>What the planner remembers of the published plan.</summary>
    public PlannerState OfPlan(PublishedPlan? before) => before is null ? PlannerState.None : new PlannerState
    {
        Plan = before.Document.Plan, Problem = before.Problem, Solved = PlanVersion == before.Document.Plan.Version ? Solved : null,
    };

    /// <summary>What the planner remembers of the plan for the whole fleet.</summary>
    public PlannerState OfFleet(PlanningProblem fleet) =>
        Fleet is { } plan && plan.DemandQps.Length == fleet.Pipelines.Length && FleetDevices.SequenceEqual(fleet.Devices)
            ? new PlannerState { Plan = plan, Problem = fleet, Solved = FleetSolved }
            : PlannerState.None;
}
