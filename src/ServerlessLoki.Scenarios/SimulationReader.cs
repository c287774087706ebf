using ServerlessLoki.Simulation;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reader of <see cref="SimulationOptions"/>.</summary>
internal static class SimulationReader
{
    private static readonly string[] Keys =
    [
        "like", "batching", "drop", "admission", "comfortShare", "reroute", "rescueStranded", "headroom", "measuredAdmission", "separateProcesses", "standby", "fanOutDraw", "parallelism", "hostCores", "maxPending", "noise", "slowdown",
        "modelLoadMs", "loadBeside", "parallelLoads", "hopMs", "controlPeriodMs", "planOnBurst", "alwaysApply", "warmUpSeconds", "drainSeconds",
    ];

    private static readonly (string Name, SimulationOptions Rule)[] Hosts =
        [("devices", new SimulationOptions()), ("embedded-host", SimulationOptions.EmbeddedHost), ("distributed-host", SimulationOptions.DistributedHost)];

    private static readonly (string Name, BatchingRule Rule)[] Batching =
        [("deadline", BatchingRule.Deadline), ("fixed-size", BatchingRule.FixedSize), ("full-batch", BatchingRule.FullBatch), ("aimd", BatchingRule.Aimd)];

    private static readonly (string Name, DropRule Rule)[] Drops =
        [("every-task", DropRule.EveryTask), ("last-task", DropRule.LastTask), ("never", DropRule.Never), ("twice-objective", DropRule.TwiceObjective)];

    private static readonly (string Name, AdmissionRule Rule)[] Admissions = [("backlog", AdmissionRule.Backlog), ("all", AdmissionRule.All)];
    private static readonly (string Name, FanOutDraw Rule)[] Draws = [("rounded", FanOutDraw.Rounded), ("poisson", FanOutDraw.Poisson), ("geometric", FanOutDraw.Geometric)];

    /// <param name="value">JSON object of the options.</param>
    /// <param name="defaults">Values for missing keys.</param>
    public static SimulationOptions Read(JsonValue value, SimulationOptions defaults)
    {
        if (!value.IsObjectWith(Keys))
            return defaults;
        var start = Choice(value, "like", Hosts, defaults);
        return start with
        {
            Batching = Choice(value, "batching", Batching, start.Batching),
            Drop = Choice(value, "drop", Drops, start.Drop),
            Admission = Choice(value, "admission", Admissions, start.Admission),
            ComfortShare = (value.TryOptional("comfortShare", out var c) ? c.Number(0.01, 1) : null) ?? start.ComfortShare,
            Reroute = Flag(value, "reroute") ?? start.Reroute,
            RescueStranded = Flag(value, "rescueStranded") ?? start.RescueStranded,
            Headroom = Flag(value, "headroom") ?? start.Headroom,
            MeasuredAdmission = Flag(value, "measuredAdmission") ?? start.MeasuredAdmission,
            SeparateProcesses = Flag(value, "separateProcesses") ?? start.SeparateProcesses,
            Standby = Flag(value, "standby") ?? start.Standby,
            FanOut = Choice(value, "fanOutDraw", Draws, start.FanOut),
            Parallelism = Count(value, "parallelism") ?? start.Parallelism,
            HostCores = value.TryOptional("hostCores", out var host) ? Cores(host) : start.HostCores,
            MaxPending = Count(value, "maxPending") ?? start.MaxPending,
            Noise = value.TryOptional("noise", out var noise) ? Noise(noise) : start.Noise,
            Slowdown = (value.TryOptional("slowdown", out var s) ? s.Number(0.001, 1000) : null) ?? start.Slowdown,
            ModelLoad = Time(value, "modelLoadMs", 0, 1) ?? start.ModelLoad,
            LoadBeside = Flag(value, "loadBeside") ?? start.LoadBeside,
            ParallelLoads = Count(value, "parallelLoads") ?? start.ParallelLoads,
            HopLatency = Time(value, "hopMs", 0, 1) ?? start.HopLatency,
            ControlPeriod = Time(value, "controlPeriodMs", 1, 1) ?? start.ControlPeriod,
            PlanOnBurst = Flag(value, "planOnBurst") ?? start.PlanOnBurst,
            AlwaysApply = Flag(value, "alwaysApply") ?? start.AlwaysApply,
            WarmUp = Time(value, "warmUpSeconds", 0, 1000) ?? start.WarmUp,
            Drain = Time(value, "drainSeconds", 0, 1000) ?? start.Drain,
        };
    }

    private static T Choice<T>(JsonValue value, string key, (string Name, T Rule)[] choices, T otherwise)
    {
        if (!value.TryOptional(key, out var item) || item.OneOf([.. choices.Select(c => c.Name)]) is not { } name)
            return otherwise;
        return choices.First(c => c.Name == name).Rule;
    }

    private static bool? Flag(JsonValue value, string key) => value.TryOptional(key, out var item) ? item.Flag() : null;

    private static int? Count(JsonValue value, string key) => (int?)(value.TryOptional(key, out var item) ? item.Integer(1, 1_000_000_000) : null);

    private static TimeSpan? Time(JsonValue value, string key, double least, double unitMs) =>
        value.TryOptional(key, out var item) && item.Number(least, 1e9) is { } number ? TimeSpan.FromMilliseconds(number * unitMs) : null;

    private static HostCores? Cores(JsonValue value) => value.IsObjectWith(["cores", "beforeQueryMs", "afterQueryMs"])
        ? new HostCores((value.TryOptional("cores", out var cores) ? cores.Number(0.01, 1e6) : null) ?? 1, Time(value, "beforeQueryMs", 0, 1) ?? TimeSpan.Zero, Time(value, "afterQueryMs", 0, 1) ?? TimeSpan.Zero)
        : null;

    private static ServiceNoise Noise(JsonValue value)
    {
        if (value.IsString)
            return value.OneOf("profiled", "none") == "profiled" ? ServiceNoise.Profiled : ServiceNoise.None;
        return new ServiceNoise(value.Number(0, 10) ?? 0);
    }
}
