using ServerlessLoki.Profiles;
using ServerlessLoki.Routing;

namespace ServerlessLoki.Simulation;

/// <summary>When an idle slot runs.</summary>
public enum BatchingRule
{
    /// <summary>As the host: wait for company until the head must start, see <see cref="Batching.DeadlineBatching"/>.</summary>
    Deadline,

    /// <summary>Never wait, see <see cref="Batching.FixedSizeBatching"/>.</summary>
    FixedSize,

    /// <summary>Proteus': wait for a full batch of the planned size until the head must start (Proteus, adaptive batching), whatever the load.</summary>
    FullBatch,

    /// <summary>Clipper's: sizes by trial and error, see <see cref="Batching.AimdBatching"/>.</summary>
    Aimd,
}

/// <summary>What is given up (Loki, early dropping).</summary>
public enum DropRule
{
    /// <summary>As the host: whatever cannot make its deadline on any path, at every task.</summary>
    EveryTask,

    /// <summary>The same at leaf tasks only.</summary>
    LastTask,

    /// <summary>Nothing; late answers are still worked out.</summary>
    Never,

    /// <summary>What is older than twice its objective (IPA, serving; Clipper in Proteus' late queries); late answers before that are worked out.</summary>
    TwiceObjective,
}

/// <summary>Whether the ingress refuses.</summary>
public enum AdmissionRule
{
    /// <summary>As the host: refuse what the waiting work would make late; of several pipelines that ask for too much, what their shares leave out.</summary>
    Backlog,

    /// <summary>Take all.</summary>
    All,
}

/// <summary>How the number of child queries is drawn from its mean m.</summary>
public enum FanOutDraw
{
    /// <summary>⌊m + u⌋ with u uniform: as even as whole numbers can be.</summary>
    Rounded,

    /// <summary>Poisson with mean m.</summary>
    Poisson,

    /// <summary>Geometric from 0 with mean m: bursty.</summary>
    Geometric,
}

/// <summary>How the simulated cluster behaves.</summary>
public sealed record SimulationOptions
{
    /// <summary>As the embedded host is set by default: standby variants, bounded admission, one load after the other, plans with
    /// head-room where they do not hold.</summary>
    public static SimulationOptions EmbeddedHost { get; } = new()
    {
        Standby = true, MaxPending = 4096, ParallelLoads = 1, ComfortShare = Comfort.HostShare, RescueStranded = true, Headroom = true,
        FollowSlowdown = true, MeasuredAdmission = true,
    };

    /// <summary>As ingress and workers in processes of their own, by default: like the embedded host, but without standby variants and without
    /// plans between two control periods. The time of a hop is to be given.</summary>
    public static SimulationOptions DistributedHost { get; } = EmbeddedHost with { Standby = false, PlanOnBurst = false, SeparateProcesses = true };

    /// <summary>When an idle slot runs. Default as the host.</summary>
    public BatchingRule Batching { get; init; }

    /// <summary>What is given up. Default as the host.</summary>
    public DropRule Drop { get; init; }

    /// <summary>Whether the ingress refuses. Default as the host.</summary>
    public AdmissionRule Admission { get; init; }

    /// <summary>Part of a query's time within which the planned variant must answer (twice its processing, plus the waiting work),
    /// else admission looks for a faster one; above 0 up to 1. Default 1: a plan by the latency rule C5 just fits. The embedded
    /// host's is 0.5, which leaves time for the way in and out.</summary>
    public double ComfortShare { get; init; } = 1;

    /// <summary>Opportunistic rerouting of queries that lost time. Default true, as the host.</summary>
    public bool Reroute { get; init; } = true;

    /// <summary>Rows that waited too long on a machine slower than it was go to the fastest variant, see <see cref="Comfort.IsStranded"/>.
    /// Without effect where <see cref="Reroute"/> is off. Default false: whole devices are as fast as profiled. The embedded host's
    /// default is true.</summary>
    public bool RescueStranded { get; init; }

    /// <summary>Plans get head-room where queues stand or queries are lost although they fit, see
    /// <see cref="Control.HeadroomControl"/>. Default false, as the published systems; the embedded host's default is true.</summary>
    public bool Headroom { get; init; }

    /// <summary>Expected batch times of a plan that is given, without a policy, follow the slow-down seen every control period, as they
    /// do under a policy. Default false: they are the profile's. The embedded host's default is true.</summary>
    public bool FollowSlowdown { get; init; }

    /// <summary>Admission counts batches in hand on shared devices, and how much longer batches take than expected (<see cref="Drift"/>); it keeps
    /// a margin of each query's time (<see cref="AdmissionMargin"/>); and every ten milliseconds queries whose deadline has passed are ended.
    /// Default false, as the published systems; the embedded host's is true.</summary>
    public bool MeasuredAdmission { get; init; }

    /// <summary>The ingress does not see the workers' queues: admission takes each query that has no answer from its root task yet for waiting
    /// work, see <see cref="UnansweredWork"/>. Workers do not hear that a query has ended elsewhere: its rows run on unless they are late
    /// themselves. Default false: one process sees all.</summary>
    public bool SeparateProcesses { get; init; }

    /// <summary>Keep the fastest variant of each task loaded beside the plan, without a slot, for queries that would be late on the
    /// planned one; only under policies that scale accuracy. Default false: whole devices hold one variant. The embedded
    /// host's default is true.</summary>
    public bool Standby { get; init; }

    /// <summary>How child counts are drawn where <see cref="Pipelines.FanOut.Variance"/> is not known. Default ⌊m + u⌋.</summary>
    public FanOutDraw FanOut { get; init; }

    /// <summary>Batches that compute at the same time on each device type; null = slots × share of the device type, rounded,
    /// at least 1, so that whole devices never wait for each other and shared ones take turns.</summary>
    public int? Parallelism { get; init; }

    /// <summary>Batches that compute at the same time on a device type, at least 1.</summary>
    internal int ThreadsOf(DeviceType device) => Parallelism ?? Math.Max(1, (int)Math.Round(device.Slots * device.SlotShare));

    /// <summary>Cores that batches share with the queries' own work; null = that costs nothing, and each batch has a core.</summary>
    public HostCores? HostCores { get; init; }

    /// <summary>Queries admitted and not ended, at most; null = no limit. The host's default is 4,096.</summary>
    public int? MaxPending { get; init; }

    /// <summary>Spread of batch times around the profile. Default none.</summary>
    public ServiceNoise Noise { get; init; } = ServiceNoise.None;

    /// <summary>Real over profiled batch time; above 0. The control loop measures it, as the host does. Default 1.</summary>
    public double Slowdown { get; init; } = 1;

    /// <summary>Time to load and warm a variant into a slot. Default 0.</summary>
    public TimeSpan ModelLoad { get; init; }

    /// <summary>A slot's old variant serves on while the new one loads, as in the embedded host. Default true; false = it stops taking
    /// work when loading begins, but for the last of a queue.</summary>
    public bool LoadBeside { get; init; } = true;

    /// <summary>Slots that load at the same time; null = all. The embedded host loads one after the other: 1.</summary>
    public int? ParallelLoads { get; init; }

    /// <summary>From the ingress or a task's end to the next task's queue. Default 0.</summary>
    public TimeSpan HopLatency { get; init; }

    /// <summary>Time between two plans. Default 1 s.</summary>
    public TimeSpan ControlPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Plan again within a quarter second when far more arrives than was forecast. Default true, as the host.</summary>
    public bool PlanOnBurst { get; init; } = true;

    /// <summary>Plan every period and apply each plan, also where demand is steady or <see cref="Control.PlanChange"/> finds it
    /// not worth a swap. Default false.</summary>
    public bool AlwaysApply { get; init; }

    /// <summary>Queries that arrive before are not measured. Default 0.</summary>
    public TimeSpan WarmUp { get; init; }

    /// <summary>How long to go on after the last arrival; what then is still on its way is unfinished. Default 60 s.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Seed of all random choices.</summary>
    public ulong Seed { get; init; } = 1;
}
