using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving;

/// <summary>Settings of a <c>ServingEngine</c>; read once when it is built.</summary>
public sealed record EngineOptions
{
    /// <summary>Policy name, one of <see cref="KnownPolicies"/>. Default <c>unified</c>.</summary>
    public string Policy { get; init; } = PlanningPolicies.Default;

    /// <summary>Demand forecaster, one of <see cref="KnownForecasters"/>; a file of <c>onnx:FILE</c> is relative to the current folder. Default <c>ewma:0.5+rising-trend</c>.</summary>
    public string Forecaster { get; init; } = Forecasters.Default;

    /// <summary>Policies that can be named; <see cref="PolicyRegistry.With"/> adds to them. Default: the built-in ones.</summary>
    public PolicyRegistry KnownPolicies { get; init; } = PolicyRegistry.Default;

    /// <summary>Forecasters that can be named; <see cref="ForecasterRegistry.With"/> adds to them. Default: the built-in ones.</summary>
    public ForecasterRegistry KnownForecasters { get; init; } = ForecasterRegistry.Default;

    /// <summary>Batches that compute at the same time on each device type, 1 to 4,096. Default: the number of cores.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>Largest planned load as a share of capacity, above 0 up to 1. Default 0.8: the ingress shares the cores with the
    /// models.</summary>
    public double Utilization { get; init; } = 0.8;

    /// <summary>Time between two plans. Default 1 s; 100 ms to a day.</summary>
    public TimeSpan ControlPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Most queries admitted and not ended; above it the ingress rejects. Default 4,096; 1 to 1,000,000.</summary>
    public int MaxPending { get; init; } = 4096;

    /// <summary>Largest batch. Default 16 rows; 1 to 4,096.</summary>
    public int MaxBatch { get; init; } = 16;

    /// <summary>Size of model files that stay loaded beyond the plan's need, so that a swap back is quick, bytes. Default 64 MiB; 0 =
    /// unload at once.</summary>
    public long IdleModelBytes { get; init; } = 64L << 20;

    /// <summary>Execution provider for the models; falls back to the CPU where it is not available. Default: the CPU.</summary>
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Cpu;

    /// <summary>True = keep the fastest variant of each task loaded in addition to the plan, for queries that would miss their deadline on
    /// the planned one. Default true; without effect under policies that do not scale accuracy.</summary>
    public bool Standby { get; init; } = true;

    /// <summary>Seed of the router's random choices.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Lists all options that are out of bounds, a forecaster's file included.</summary>
    /// <param name="path">Place of these options in larger ones.</param>
    public IReadOnlyList<Fault> Faults(string path = "")
    {
        var check = new OptionCheck(path);
        check.OneOf(Policy, KnownPolicies.Names);
        using (var models = new SequenceModels(Environment.CurrentDirectory))
        {
            var fault = KnownForecasters.FaultOf(Forecaster, models.Load);
            check.Require(fault is null, Forecaster, fault ?? "", nameof(Forecaster));
        }

        check.Within(Parallelism, 1, 4096);
        check.Share(Utilization);
        check.Within(ControlPeriod, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1));
        check.Within(MaxPending, 1, 1_000_000);
        check.Within(MaxBatch, 1, 4096);
        check.AtLeast(IdleModelBytes, 0);
        check.Defined(Provider);
        return check.Faults;
    }
}
