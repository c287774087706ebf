using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Runs;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Embedded;

/// <summary>Options of a process that serves pipelines, with any web server in front of it. Read once when the process starts.</summary>
public record ServerlessLokiOptions
{
    /// <summary>Pipeline files; at least one. Model paths in them are relative to the file.</summary>
    public IReadOnlyList<string> PipelineFiles { get; set; } = [];

    /// <summary>Folder for runs and profiles, used by one process at a time; created if it is missing. Default <c>data</c>.</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>Latencies as CSV; null = the earlier measurement of this machine, else a quick measurement at the start.</summary>
    public string? ProfileFile { get; set; }

    /// <summary>Slots of the CPU, 1 to 65,536; null = eight per core.</summary>
    public int? Slots { get; set; }

    /// <summary>Memory of one slot for models, MiB, above 0 up to 1e9: a slot may hold several variants of a task that fit together, and run any of them
    /// with each batch. A variant takes what its pipeline file says (<c>memoryMiB</c>), else the size of its model's files. Null = one variant in a slot,
    /// but for policies whose slots hold all of them (<c>slackfit</c>).</summary>
    public double? SlotMemoryMiB { get; set; }

    /// <summary>Policy name; null = as in <see cref="Engine"/>.</summary>
    public string? Policy { get; set; }

    /// <summary>Options of the engine.</summary>
    public EngineOptions Engine { get; set; } = new();

    /// <summary>Stage transforms that pipeline files may name; see <see cref="IStageTransform"/> for how to add one. Default: the built-in ones.</summary>
    public TransformRegistry Transforms { get; set; } = TransformRegistry.Default;

    /// <summary>Options of durable runs.</summary>
    public RunOptions Runs { get; set; } = new();

    /// <summary>Limits of requests.</summary>
    public InferLimits Limits { get; set; } = new();

    /// <summary>Options of the engine, with <see cref="Policy"/> where one is named.</summary>
    internal EngineOptions PlannedEngine => Policy is { } policy ? Engine with { Policy = policy } : Engine;

    /// <summary>Adds a custom policy, which <see cref="Policy"/> can name.</summary>
    /// <exception cref="ArgumentException">The name is blank or taken.</exception>
    public void AddPolicy(PolicyEntry policy) => Engine = Engine with { KnownPolicies = Engine.KnownPolicies.With(policy) };

    /// <summary>Adds a custom forecaster, which <see cref="EngineOptions.Forecaster"/> can name.</summary>
    /// <exception cref="ArgumentException">The name is not allowed, or taken.</exception>
    public void AddForecaster(ForecasterEntry forecaster) => Engine = Engine with { KnownForecasters = Engine.KnownForecasters.With(forecaster) };

    /// <summary>Lists all options that are out of bounds, in these options and those within.</summary>
    public virtual IReadOnlyList<Fault> Faults()
    {
        var check = new OptionCheck();
        check.Require(PipelineFiles is { Count: > 0 }, "none", "one pipeline file or more", nameof(PipelineFiles));
        check.Require(!string.IsNullOrWhiteSpace(DataDirectory), DataDirectory, "a folder", nameof(DataDirectory));
        check.Within(Slots, 1, 65_536);
        check.Require(SlotMemoryMiB is null or (> 0 and <= 1e9), SlotMemoryMiB!, "above 0 up to 1e9 MiB", nameof(SlotMemoryMiB));
        if (Policy is not null)
            check.OneOf(Policy, Engine.KnownPolicies.Names);

        check.Add(Engine.Faults(nameof(Engine)));
        check.Add(Runs.Faults(nameof(Runs)));
        check.Add(Limits.Faults(nameof(Limits)));
        return check.Faults;
    }
}
