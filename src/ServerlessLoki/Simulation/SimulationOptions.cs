using ServerlessLoki.Profiles;
using ServerlessLoki.Routing;

namespace ServerlessLoki.Simulation;

/// <summary>Rule for when an idle slot runs a batch.</summary>
public enum BatchingRule
{
    /// <summary>Waits for further rows until the head must start, as in the host; see <see cref="Batching.DeadlineBatching"/>.</summary>
    Deadline,

    /// <summary>Never waits; see <see cref="Batching.FixedSizeBatching"/>.</summary>
    FixedSize,

    /// <summary>Waits for a full batch of the planned size until the head must start, whatever the load, as in Proteus (Proteus, adaptive
    /// batching).</summary>
    FullBatch,

    /// <summary>Finds batch sizes by trial and error, as in Clipper; see <see cref="Batching.AimdBatching"/>.</summary>
    Aimd,
}

/// <summary>Rule for giving up queries (Loki, early dropping).</summary>
public enum DropRule
{
    /// <summary>At every task, gives up queries that cannot meet their deadline on any path, as in the host.</summary>
    EveryTask,

    /// <summary>At leaf tasks only, gives up queries that cannot meet their deadline.</summary>
    LastTask,

    /// <summary>Gives up nothing; late answers are still computed.</summary>
    Never,

    /// <summary>Gives up queries older than twice their objective (IPA, serving; Clipper in Proteus' late queries); late answers before
    /// that are computed.</summary>
    TwiceObjective,
}

/// <summary>Rule for admitting queries at the ingress.</summary>
public enum AdmissionRule
{
    /// <summary>Refuses queries that the waiting work would make late, as in the host; of several pipelines that ask for too much, also
    /// those beyond their shares.</summary>
    Backlog,

    /// <summary>Admits every query.</summary>
    All,
}

/// <summary>Distribution of the number of child queries around its mean m.</summary>
public enum FanOutDraw
{
    /// <summary>⌊m + u⌋ with u uniform in [0, 1): the least variance that whole numbers allow.</summary>
    Rounded,

    /// <summary>Poisson with mean m.</summary>
    Poisson,

    /// <summary>Geometric from 0 with mean m, for bursty counts.</summary>
    Geometric,
}

/// <summary>Behaviour of the simulated cluster.</summary>
public sealed record SimulationOptions
{
    /// <summary>Default behaviour of the embedded host: standby variants, bounded admission, one load after the other, plans with head-room
    /// where they do not hold.</summary>
    public static SimulationOptions EmbeddedHost { get; } = new()
    {
        Standby = true, MaxPending = 4096, ParallelLoads = 1, ComfortShare = Comfort.HostShare, RescueStranded = true, Headroom = true,
        FollowSlowdown = true, MeasuredAdmission = true,
    };

    /// <summary>Default behaviour of ingress and workers in separate processes: like the embedded host, but without standby variants and
    /// without plans between two control periods. The caller sets the time of a hop.</summary>
    public static SimulationOptions DistributedHost { get; } = EmbeddedHost with { Standby = false, PlanOnBurst = false, SeparateProcesses = true };

    /// <summary>Batching rule of idle slots. Default as in the host.</summary>
    public BatchingRule Batching { get; init; }

    /// <summary>Rule for giving up queries. Default as in the host.</summary>
    public DropRule Drop { get; init; }

    /// <summary>Admission rule of the ingress. Default as in the host.</summary>
    public AdmissionRule Admission { get; init; }

    /// <summary>Part of a query's time within which the planned variant must answer (twice its processing, plus the waiting work),
    /// else admission looks for a faster one; above 0 up to 1. Default 1: a plan by the latency rule C5 just fits. The embedded
    /// host's is 0.5, which leaves time for the way in and out.</summary>
    public double ComfortShare { get; init; } = 1;

    /// <summary>True = opportunistic rerouting of queries that lost time. Default true, as in the host.</summary>
    public bool Reroute { get; init; } = true;

    /// <summary>True = rows that waited too long on a machine that became slower go to the fastest variant, see
    /// <see cref="Comfort.IsStranded"/>. Without effect where <see cref="Reroute"/> is off. Default false: whole devices are as fast as
    /// profiled. The embedded host's default is true.</summary>
    public bool RescueStranded { get; init; }

    /// <summary>True = plans get head-room where queues stand or queries are lost although the plan fits, see
    /// <see cref="Control.HeadroomControl"/>. Default false, as in the published systems; the embedded host's default is true.</summary>
    public bool Headroom { get; init; }

    /// <summary>True = without a policy, the expected batch times of a given plan follow the slow-down seen every control period, as they
    /// do under a policy. Default false: they are the profile's. The embedded host's default is true.</summary>
    public bool FollowSlowdown { get; init; }

    /// <summary>True = admission counts running batches on shared devices and the ratio of actual to expected batch times
    /// (<see cref="Drift"/>); keeps a margin of each query's time (<see cref="AdmissionMargin"/>); and ends queries past their deadline
    /// every ten milliseconds. Default false, as in the published systems; the embedded host's is true.</summary>
    public bool MeasuredAdmission { get; init; }

    /// <summary>True = the ingress does not see the workers' queues: admission counts each query that has no answer from its root task yet
    /// as waiting work, see <see cref="UnansweredWork"/>. Workers are not told that a query has ended elsewhere: its rows run on unless
    /// they are late themselves. Default false: one process sees all.</summary>
    public bool SeparateProcesses { get; init; }

    /// <summary>True = the fastest variant of each task stays loaded in addition to the plan, without a slot, for queries that would be
    /// late on the planned one; only under policies that scale accuracy. Default false: whole devices hold one variant. The embedded host's
    /// default is true.</summary>
    public bool Standby { get; init; }

    /// <summary>How child counts are drawn where <see cref="Pipelines.FanOut.Variance"/> is not known. Default ⌊m + u⌋.</summary>
    public FanOutDraw FanOut { get; init; }

    /// <summary>Batches that compute at the same time on each device type; null = slots × share of the device type, rounded,
    /// at least 1, so that whole devices never wait for each other and shared ones take turns.</summary>
    public int? Parallelism { get; init; }

    /// <summary>Batches that compute at the same time on a device type, at least 1.</summary>
    internal int ThreadsOf(DeviceType device) => Parallelism ?? Math.Max(1, (int)Math.Round(device.Slots * device.SlotShare));

    /// <summary>Cores that batches share with the queries' own work; null = that work costs nothing, and each batch has a core.</summary>
    public HostCores? HostCores { get; init; }

    /// <summary>Most queries admitted and not ended; null = no limit. The host's default is 4,096.</summary>
    public int? MaxPending { get; init; }

    /// <summary>Spread of batch times around the profile. Default none.</summary>
    public ServiceNoise Noise { get; init; } = ServiceNoise.None;

    /// <summary>Ratio of real to profiled batch time; above 0. The control loop measures it, as in the host. Default 1.</summary>
    public double Slowdown { get; init; } = 1;

    /// <summary>Time to load and warm a variant into a slot. Default 0.</summary>
    public TimeSpan ModelLoad { get; init; }

    /// <summary>True = a slot's old variant keeps serving while the new one loads, as in the embedded host. Default true; false = it stops
    /// taking work when loading begins, except for the last slot of a queue.</summary>
    public bool LoadBeside { get; init; } = true;

    /// <summary>Slots that load at the same time; null = all. The embedded host loads one after the other: 1.</summary>
    public int? ParallelLoads { get; init; }

    /// <summary>Time from the ingress or a task's end to the next task's queue. Default 0.</summary>
    public TimeSpan HopLatency { get; init; }

    /// <summary>Time between two plans. Default 1 s.</summary>
    public TimeSpan ControlPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>True = plan again within a quarter second when far more arrives than was forecast. Default true, as in the host.</summary>
    public bool PlanOnBurst { get; init; } = true;

    /// <summary>True = plan every period and apply each plan, also where demand is steady or <see cref="Control.PlanChange"/> finds it not
    /// worth a swap. Default false.</summary>
    public bool AlwaysApply { get; init; }

    /// <summary>Length of the warm-up, in which arriving queries are not measured. Default 0.</summary>
    public TimeSpan WarmUp { get; init; }

    /// <summary>Time that the simulation goes on after the last arrival; queries that have not ended by then count as unfinished. Default
    /// 60 s.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Seed of all random choices.</summary>
    public ulong Seed { get; init; } = 1;
}
