using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Control;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Slots;
using ServerlessLoki.Solver;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Distributed.Planner;

/// <summary>Planning cycle over the ports: monitor, forecast, plan, publish and scale, one step per call of a timer. Any instance may do the next
/// step: what is not stored only spares the policy a question that it has answered. When two instances plan at once, one of them publishes.</summary>
public sealed class PlannerCycle
{
    /// <summary>Age after which the last report of a silent worker no longer counts.</summary>
    private static readonly TimeSpan ReportMemory = TimeSpan.FromSeconds(60);
    private readonly PlannerOptions _options;
    private readonly PipelineIndex _index;
    private readonly ProfileFollower _profiles;
    private readonly IFleet _fleet;
    private readonly IStateStore _state;
    private readonly IStageQueueKeeper? _queues;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IPlanningPolicy _policy;
    private readonly ServerlessLoki.Control.Planner _planner;
    private readonly ReportReader<DemandReport> _demandReports = new();
    private readonly ReportReader<WorkerReport> _workerReports = new();

    /// <summary>State after the last step, with the version of the stored plan that it continues from.</summary>
    private (string? Stored, PlannerState State) _last = (null, PlannerState.None);

    /// <summary>Builds a planner.</summary>
    /// <param name="options">Options of the planner.</param>
    /// <param name="pipelines">Pipelines, the same as those of workers and ingress, in the same order.</param>
    /// <param name="profile">Latencies of the pipeline folders; measurements of workers are added.</param>
    /// <param name="fleet">Device types with price, and the most slots of each that may run.</param>
    /// <param name="state">Store of plan, reports and demand.</param>
    /// <param name="solver">Solves the policy's programs.</param>
    /// <param name="queues">Creates queues; null = the transport needs none created.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logs">Loggers.</param>
    /// <exception cref="OptionsException">Settings are out of bounds; lists all.</exception>
    public PlannerCycle(
        PlannerOptions options, IReadOnlyList<Pipeline> pipelines, LatencyProfile profile, IFleet fleet, IStateStore state, ISolver solver,
        IStageQueueKeeper? queues, TimeProvider time, ILoggerFactory logs)
    {
        ArgumentNullException.ThrowIfNull(options);
        var check = new OptionCheck();
        check.Add(options.Faults());
        check.ThrowIfAny("this planner");
        (_options, _fleet, _state, _queues, _time) = (options, fleet, state, queues, time);
        _profiles = new ProfileFollower(profile, state);
        _index = new PipelineIndex([.. pipelines]);
        _logger = logs.CreateLogger<PlannerCycle>();
        _policy = options.KnownPolicies.Create(options.Policy, solver, time);
        _planner = new ServerlessLoki.Control.Planner(_policy);
    }

    /// <summary>Runs one step.</summary>
    /// <exception cref="FormatException">The plan in force was made by another release.</exception>
    public async Task<PlannerStep> StepAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var stored = await _state.ReadDocumentAsync(PlanDocument.Name, cancellationToken);
        var before = Before(stored);
        var notes = await PlannerNotes.ReadAsync(_state, cancellationToken);
        await _profiles.LookAsync(_fleet.Devices.Select(d => d.Name), cancellationToken);
        var demand = await _state.SamplesAsync(DemandReport.Series, now - _options.History, cancellationToken);
        var workers = await _state.SamplesAsync(WorkerReport.Series, now - _options.History, cancellationToken);
        var reports = _workerReports.Read(workers);
        var replay = DemandReplay.Of(_index.Pipelines, () => _options.KnownForecasters.Create(_options.Forecaster), before, _demandReports.Read(demand), reports, now, _policy.History);
        var living = LivingSlots.Of(await _state.LeasesAsync(WorkerReport.LeasePrefix, now, cancellationToken), workers);
        var models = await ModelCatalog.ReadAsync(_state, cancellationToken);
        var said = Said(reports, now);
        var held = said.SelectMany(r => r.Held).ToHashSet(StringComparer.Ordinal);
        var profile = UsableProfile.Without(
            _profiles.Current.Within(v => held.Contains(v) ? 1 : models.GetValueOrDefault(v)?.MostRows()),
            said.SelectMany(r => r.Unfit).ToHashSet(StringComparer.Ordinal), _index.Pipelines);
        var problem = Problem(replay, living, profile);
        var qps = problem.Pipelines.Select(p => p.DemandQps).ToImmutableArray();
        var nowUs = now.ToUnixTimeMilliseconds() * 1000;
        var decision = problem.Devices.Sum(d => d.Slots) > 0 && _index.Pipelines.Any(p => IsCovered(problem, p))
            ? Decide(problem, replay, before, notes, nowUs, cancellationToken)
            : null;
        var step = decision is not null
            ? await PublishAsync(decision, before, stored?.Version, qps, living, cancellationToken)
            : new PlannerStep(problem.Devices.Sum(d => d.Slots) == 0 ? PlannerResult.NoSlots : PlannerResult.NoProfile, before?.Document.Plan, qps, living);
        if (step.Result != PlannerResult.Lost)
        {
            var fleet = FleetPlan(problem, replay, notes, nowUs, cancellationToken);
            await ScaleAsync(Wanted(problem, replay, fleet?.Plan), cancellationToken);
            await NoteAsync(decision, fleet, notes, cancellationToken);
            await _state.PruneSamplesAsync(DemandReport.Series, now - (2 * _options.History), cancellationToken);
            await _state.PruneSamplesAsync(WorkerReport.Series, now - (2 * _options.History), cancellationToken);
        }

        return step with { HasDemand = replay.HasDemand };
    }

    private PlanDecision Decide(
        PlanningProblem problem, DemandReplay replay, PublishedPlan? before, PlannerNotes notes, long nowUs, CancellationToken cancellationToken)
    {
        var goesOn = before is not null && GoesOnFrom(before, problem);
        var seen = new PlanObservation(problem)
        {
            Recent = () => _policy.History > TimeSpan.Zero ? replay.Recent : null,
            MustReplace = !goesOn || !SameDevices(before!, problem) || Unplannable(before!.Document.Plan, problem),
            IgnoresPrevious = !goesOn,
        };
        var state = notes.OfPlan(before);
        var decision = _planner.Step(before is not null && before.StoreVersion == _last.Stored ? state.SettledLike(_last.State) : state, seen, nowUs, cancellationToken);
        _last = (before?.StoreVersion, decision.Next);
        return decision;
    }

    private async Task<PlannerStep> PublishAsync(
        PlanDecision decision, PublishedPlan? before, string? version, ImmutableArray<double> qps, ImmutableSortedDictionary<string, int> living,
        CancellationToken cancellationToken)
    {
        var (plan, replaces) = (decision.Plan, decision.Action == PlanAction.Apply);
        var retired = Retired(before, plan);
        if (!replaces && before!.Document.Retired.SequenceEqual(retired) && plan.PolicyState == before.Document.Plan.PolicyState)
            return new PlannerStep(PlannerResult.Kept, before.Document.Plan, qps, living);
        var document = decision.Action == PlanAction.Keep
            ? before!.Document
            : PlanDocument.Of(plan, decision.Problem, decision.ScalesAccuracy, _time.GetUtcNow(), _options.Id);
        if (_queues is not null)
        {
            // Before it is published: an ingress that routes by it finds them there.
            await _queues.EnsureAsync(Keys(plan), cancellationToken);
        }

        if (await _state.ReplaceDocumentAsync(PlanDocument.Name, (document with { Retired = retired }).ToJson(), version, cancellationToken) is null)
        {
            _logger.LostToAnother();
            return new PlannerStep(PlannerResult.Lost, before?.Document.Plan, qps, living);
        }

        if (replaces)
            _logger.Published(plan.Version, string.Join(", ", qps.Select(q => $"{q:0.#}")), plan.Why.FirstOrDefault() ?? plan.Proof.Step);
        return new PlannerStep(replaces ? PlannerResult.Published : PlannerResult.Kept, plan, qps, living);
    }

    /// <summary>Stores the planner's notes; nothing is written while both plans are kept.</summary>
    private async Task NoteAsync(PlanDecision? decision, PlanDecision? fleet, PlannerNotes notes, CancellationToken cancellationToken)
    {
        if (decision is not { Action: not PlanAction.Keep } && fleet is not { Action: not PlanAction.Keep })
            return;
        if (decision is not null)
            notes = notes with { PlanVersion = decision.Plan.Version, Solved = decision.Next.Solved };
        if (fleet is not null)
            notes = notes with { Fleet = fleet.Plan, FleetDevices = _fleet.Devices, FleetSolved = fleet.Next.Solved };
        await _state.PutDocumentAsync(PlannerNotes.Name, StateJson.Write(notes), cancellationToken);
    }

    private PublishedPlan? Before(StoredDocument? stored)
    {
        if (stored is null)
            return null;
        var document = PlanDocument.Parse(stored.Json);
        try
        {
            return new PublishedPlan(document, document.ToProblem(_index.Pipelines), stored.Version);
        }
        catch (FormatException)
        {
            // Made for other pipeline files: this planner's are the new ones, and it starts again.
            return null;
        }
    }

    /// <summary>Lists the last report of each worker.</summary>
    private static List<WorkerReport> Said(List<Reported<WorkerReport>> workers, DateTimeOffset now) =>
        [.. workers.Where(w => now - w.Second < ReportMemory).GroupBy(w => w.Report.Worker, StringComparer.Ordinal).Select(w => w.Last().Report)];

    private PlanningProblem Problem(DemandReplay replay, ImmutableSortedDictionary<string, int> living, LatencyProfile profile)
    {
        return replay.Cycle.Measured(new PlanningProblem
        {
            Pipelines = [.. _index.Pipelines.Select((p, i) => new PipelineDemand(p, replay.DemandQps(i), replay.FanOut(i)))],
            Devices = [.. _fleet.Devices.Select(d => d with { Slots = living.GetValueOrDefault(d.Name) })],
            Profile = profile,
            LoadTime = replay.LoadTime,
            Options = new PlanningOptions
            {
                Utilization = _options.Utilization, MaxBatch = _options.MaxBatch, FillLeftover = true, RelativeGap = _options.RelativeGap, TimeLimit = _options.TimeLimit,
            },
        });
    }

    /// <summary>Tests whether the planner can continue from a published plan: it was made for the same cluster, and serves every pipeline
    /// that can be served now.</summary>
    private static bool GoesOnFrom(PublishedPlan before, PlanningProblem problem) =>
        problem.Devices.Select(d => d.Name).SequenceEqual(before.Document.Devices.Select(d => d.Name), StringComparer.Ordinal)
        && problem.Pipelines.All(p => IsCovered(before.Problem, p.Pipeline) == IsCovered(problem, p.Pipeline));

    private static bool IsCovered(PlanningProblem problem, Pipeline pipeline) => MeasuredProfiles.Cover(problem.Profile, problem.Devices, pipeline);

    /// <summary>Tests whether the plan runs a variant that must not be planned any more.</summary>
    private static bool Unplannable(Plan plan, PlanningProblem problem) => plan.Slots.Any(s =>
        problem.Profile.Find(problem.Pipelines[s.Pipeline].Pipeline.Tasks[s.Task].Variants[s.Variant].Name, problem.Devices[s.Device].Name) is null);

    private static bool SameDevices(PublishedPlan before, PlanningProblem problem) => before.Document.Devices.SequenceEqual(problem.Devices);

    /// <summary>Makes the plan for the whole fleet; null where it is not needed: there is no demand, or all slots run and cost
    /// nothing.</summary>
    private PlanDecision? FleetPlan(PlanningProblem problem, DemandReplay replay, PlannerNotes notes, long nowUs, CancellationToken cancellationToken)
    {
        if (!replay.HasDemand || RunsAllForNothing(problem))
            return null;
        var most = problem with
        {
            Devices = _fleet.Devices, Options = problem.Options with { FillLeftover = false },
            // One query a minute ago is demand, however little a forecast makes of it: its sender asks again.
            Pipelines = [.. problem.Pipelines.Select((p, i) => p with { DemandQps = Math.Max(p.DemandQps, replay.Arrivals(i) / _options.History.TotalSeconds) })],
        };
        if (!_index.Pipelines.Any(p => IsCovered(most, p)))
            return null;
        var seen = new PlanObservation(most) { Recent = () => _policy.History > TimeSpan.Zero ? replay.Recent : null, IgnoresPrevious = true };
        return _planner.Step(notes.OfFleet(most), seen, nowUs, cancellationToken);
    }

    /// <summary>Computes the slots that the demand needs of the whole fleet, by device type; none without demand.</summary>
    private ImmutableArray<int> Wanted(PlanningProblem problem, DemandReplay replay, Plan? fleet)
    {
        if (!replay.HasDemand)
            return [.. problem.Devices.Select(_ => 0)];
        if (RunsAllForNothing(problem))
            return [.. problem.Devices.Select(d => d.Slots)];
        return [.. _fleet.Devices.Select((device, d) => Math.Max(fleet?.Slots.Where(s => s.Device == d).Sum(s => s.SlotsTaken) ?? 0, IsMeasured(device.Name) ? 0 : 1))];
    }

    private bool RunsAllForNothing(PlanningProblem problem) => _fleet.Devices.SequenceEqual(problem.Devices) && _fleet.Devices.All(d => d.PricePerHour == 0);

    /// <summary>Tests whether a device type was measured. Which variants it can run is known only after one of its workers has measured
    /// them, so it is started once.</summary>
    private bool IsMeasured(string device) =>
        _index.Pipelines.SelectMany(p => p.Tasks).SelectMany(t => t.Variants).All(v => _profiles.Current.Find(v.Name, device) is not null);

    /// <summary>Scales the fleet; a fault leaves the last state.</summary>
    private async Task ScaleAsync(ImmutableArray<int> wanted, CancellationToken cancellationToken)
    {
        var devices = _fleet.Devices;
        for (var d = 0; d < devices.Length; d++)
        {
            var slots = Math.Max(_options.LeastSlots, wanted[d]);
            try
            {
                await _fleet.ScaleAsync(devices[d].Name, slots, cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                _logger.ScaleFailed(exception, devices[d].Name, slots);
            }
        }

        var report = StateJson.Write(new FleetReport(_fleet.Status));
        if (await _state.FindDocumentAsync(FleetReport.Name, cancellationToken) != report)
            await _state.PutDocumentAsync(FleetReport.Name, report, cancellationToken);
    }

    /// <summary>Lists the variants that left the plan recently: workers still serve their late messages.</summary>
    private ImmutableArray<RetiredQueue> Retired(PublishedPlan? before, Plan plan)
    {
        if (before is null)
            return [];
        var planned = Keys(plan).ToHashSet();
        var now = _time.GetUtcNow();
        var known = before.Document.Retired.ToDictionary(r => r.Key);
        var left = Keys(before.Document.Plan).Where(k => !known.ContainsKey(k)).Select(k => new RetiredQueue(k.Pipeline, k.Task, k.Variant, now));
        return [.. before.Document.Retired.Concat(left).Where(r => !planned.Contains(r.Key) && now - r.Since < _options.RetireAfter)];
    }

    private IEnumerable<StageKey> Keys(Plan plan) => plan.Slots.Select(s =>
    {
        var pipeline = _index.Pipelines[s.Pipeline];
        return new StageKey(pipeline.Name, pipeline.Tasks[s.Task].Name, pipeline.Tasks[s.Task].Variants[s.Variant].Name);
    }).Distinct();
}
