using System.Collections.Immutable;
using ServerlessLoki.Control;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.Planner;

/// <summary>State that the next step of any planner instance continues from, in addition to the plan: document <see cref="Name"/> of the
/// state store.</summary>
/// <remarks>Without the document the policies are only called once more.</remarks>
internal sealed record PlannerNotes
{
    /// <summary>Name of the document.</summary>
    public const string Name = "planner";

    /// <summary>Version of the plan that <see cref="Solved"/> belongs to.</summary>
    public long PlanVersion { get; init; }

    /// <summary>Last call of the plan's policy, microseconds since 1970; null = not known.</summary>
    public SolveMark? Solved { get; init; }

    /// <summary>Plan for the whole fleet; null = there was no demand yet.</summary>
    public Plan? Fleet { get; init; }

    /// <summary>Device types that <see cref="Fleet"/> was made for.</summary>
    public ImmutableArray<DeviceType> FleetDevices { get; init; } = [];

    /// <summary>Last call of the policy for <see cref="Fleet"/>, microseconds since 1970.</summary>
    public SolveMark? FleetSolved { get; init; }

    public static async ValueTask<PlannerNotes> ReadAsync(IStateStore state, CancellationToken cancellationToken) =>
        await state.FindDocumentAsync(Name, cancellationToken) is { } json && StateJson.Read<PlannerNotes>(json) is { } notes ? notes : new PlannerNotes();

    /// <summary>Returns the planner's state for the published plan.</summary>
    public PlannerState OfPlan(PublishedPlan? before) => before is null ? PlannerState.None : new PlannerState
    {
        Plan = before.Document.Plan, Problem = before.Problem, Solved = PlanVersion == before.Document.Plan.Version ? Solved : null,
    };

    /// <summary>Returns the planner's state for the plan of the whole fleet.</summary>
    public PlannerState OfFleet(PlanningProblem fleet) =>
        Fleet is { } plan && plan.DemandQps.Length == fleet.Pipelines.Length && FleetDevices.SequenceEqual(fleet.Devices)
            ? new PlannerState { Plan = plan, Problem = fleet, Solved = FleetSolved }
            : PlannerState.None;
}
