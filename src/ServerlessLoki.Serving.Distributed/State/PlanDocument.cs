using System.Collections.Immutable;
using System.Text.Json;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>Published plan with the data that workers and ingresses need to route by it.</summary>
/// <remarks>The document is in the state store under <see cref="Name"/>; the store's version decides which of two planners
/// published.</remarks>
public sealed record PlanDocument
{
    /// <summary>Name of the document.</summary>
    public const string Name = "plan";

    private const int CurrentFormat = 1;

    /// <summary>Version of this format.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Published plan.</summary>
    public required Plan Plan { get; init; }

    /// <summary>Device types that the plan was made for; <see cref="SlotGroup.Device"/> is the position here.</summary>
    public required ImmutableArray<DeviceType> Devices { get; init; }

    /// <summary>Pipelines that the plan was made for, by pipeline index.</summary>
    public required ImmutableArray<PlannedPipeline> Pipelines { get; init; }

    /// <summary>Latencies that the plan was made with: as measured, times the slow-down seen, times <see cref="Headroom"/>.</summary>
    public required ImmutableArray<ProfileRow> Profile { get; init; }

    /// <summary>Head-room in the latencies, see <see cref="PlanningProblem.Headroom"/>; at least 1.</summary>
    public double Headroom { get; init; } = 1;

    /// <summary>Options of the plan, such as head-room and the split of latency.</summary>
    public required PlanningOptions Options { get; init; }

    /// <summary>True if the policy may answer with less accurate variants.</summary>
    public bool ScalesAccuracy { get; init; }

    /// <summary>Time of publication.</summary>
    public DateTimeOffset Published { get; init; }

    /// <summary>Name of the planner that published the plan, for operators.</summary>
    public string? Planner { get; init; }

    /// <summary>Variants that left the plan recently: their queues may still hold messages, which workers send on to others.</summary>
    public ImmutableArray<RetiredQueue> Retired { get; init; } = [];

    /// <summary>Makes the document of a plan.</summary>
    /// <param name="plan">Plan to publish.</param>
    /// <param name="problem">Problem that the plan answers.</param>
    /// <param name="scalesAccuracy"><see cref="IPlanningPolicy.ScalesAccuracy"/> of the policy that made it.</param>
    /// <param name="published">Time of publication.</param>
    /// <param name="planner">Name of the planner, for operators.</param>
    public static PlanDocument Of(Plan plan, PlanningProblem problem, bool scalesAccuracy, DateTimeOffset published, string? planner = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(problem);
        return new PlanDocument
        {
            Plan = plan,
            Devices = problem.Devices,
            Pipelines = [.. problem.Pipelines.Select(PlannedPipeline.Of)],
            Profile = problem.Profile.Rows,
            Headroom = problem.Headroom,
            Options = problem.Options,
            ScalesAccuracy = scalesAccuracy,
            Published = published,
            Planner = planner,
        };
    }

    /// <summary>Reads a document.</summary>
    /// <exception cref="FormatException">The text is no plan, or of another version of this format.</exception>
    public static PlanDocument Parse(string json)
    {
        try
        {
            var document = JsonSerializer.Deserialize<PlanDocument>(json, StateJson.Options) ?? throw new FormatException("The plan document is null.");
            if (document.Format != CurrentFormat)
                throw new FormatException($"The plan document has format {document.Format}; this build reads {CurrentFormat}: run planner, ingress and workers of one release.");
            return document.IsWhole ? document : throw new FormatException("The plan document is broken: its slots, demand or shares do not go with its pipelines and devices.");
        }
        catch (JsonException exception)
        {
            throw new FormatException($"The plan document is broken: {exception.Message}", exception);
        }
    }

    /// <summary>Lists the queues in use: those of the plan, and of variants that left it recently.</summary>
    public IEnumerable<StageKey> Queues() => Plan.Slots
        .Select(s => new StageKey(Pipelines[s.Pipeline].Name, Pipelines[s.Pipeline].Tasks[s.Task].Name, Pipelines[s.Pipeline].Tasks[s.Task].Variants[s.Variant]))
        .Concat(Retired.Select(r => r.Key)).Distinct();

    /// <summary>Writes the document as JSON.</summary>
    public string ToJson() => StateJson.Write(this);

    private bool IsWhole =>
        Plan.DemandQps.Length == Pipelines.Length && Plan.ServedShare.Length == Pipelines.Length && Plan.Slots.All(s =>
            s.Pipeline >= 0 && s.Pipeline < Pipelines.Length && s.Task >= 0 && s.Task < Pipelines[s.Pipeline].Tasks.Length
            && s.Variant >= 0 && s.Variant < Pipelines[s.Pipeline].Tasks[s.Task].Variants.Length
            && s.Device >= 0 && s.Device < Devices.Length && s is { Replicas: >= 1, Batch: >= 1 });

    /// <summary>Returns the problem that the plan answers, for routing by it.</summary>
    /// <param name="pipelines">Pipelines of this process.</param>
    /// <exception cref="FormatException">The pipelines differ from those that were planned for; lists every difference.</exception>
    public PlanningProblem ToProblem(IReadOnlyList<Pipeline> pipelines)
    {
        ArgumentNullException.ThrowIfNull(pipelines);
        var wrong = pipelines.Where((p, i) => i >= Pipelines.Length || !Pipelines[i].Fits(p)).Select(p => p.Name)
            .Concat(Pipelines.Skip(pipelines.Count).Select(p => p.Name)).ToArray();
        if (wrong.Length > 0)
        {
            throw new FormatException(
                $"Plan {Plan.Version} was made for other pipeline files; these differ: {string.Join(", ", wrong)}. Deploy planner, ingress and workers with the same files, in the same order.");
        }

        return new PlanningProblem
        {
            Pipelines = [.. pipelines.Select((p, i) => new PipelineDemand(p, Plan.DemandQps[i], new FanOut(Pipelines[i].FanOut)))],
            Devices = Devices,
            Profile = new LatencyProfile(Profile),
            Headroom = Headroom,
            Options = Options,
        };
    }
}
