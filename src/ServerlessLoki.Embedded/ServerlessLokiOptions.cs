using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Runs;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Embedded;

/// <summary>What a process serves, whichever web server is in front of it. Read once when the process starts.</summary>
public record ServerlessLokiOptions
{
    /// <summary>Pipeline files; at least one. Model paths in them are relative to the file.</summary>
    public IReadOnlyList<string> PipelineFiles { get; set; } = [];

    /// <summary>Folder for runs and profiles, used by one process at a time; made if it is missing. Default <c>data</c>.</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>Latencies as CSV; null = what was measured here before, else a quick measurement at the start.</summary>
    public string? ProfileFile { get; set; }

    /// <summary>Slots of the CPU, 1 to 65,536; null = eight per core.</summary>
    public int? Slots { get; set; }

    /// <summary>Policy name; null = as in <see cref="Engine"/>.</summary>
    public string? Policy { get; set; }

    /// <summary>Settings of the engine.</summary>
    public EngineOptions Engine { get; set; } = new();

    /// <summary>Stage transforms that pipeline files may name; see <see cref="IStageTransform"/> for how to add one. Default: the built-in ones.</summary>
    public TransformRegistry Transforms { get; set; } = TransformRegistry.Default;

    /// <summary>Settings of durable runs.</summary>
    public RunOptions Runs { get; set; } = new();

    /// <summary>What a request may ask for.</summary>
    public InferLimits Limits { get; set; } = new();

    /// <summary>Settings of the engine, with <see cref="Policy"/> where one is named.</summary>
    internal EngineOptions PlannedEngine => Policy is { } policy ? Engine with { Policy = policy } : Engine;

    /// <summary>Adds a policy of your own, to be named by <see cref="Policy"/>.</summary>
    /// <exception cref="ArgumentException">The name is blank or taken.</exception>
    public void AddPolicy(PolicyEntry policy) => Engine = Engine with { KnownPolicies = Engine.KnownPolicies.With(policy) };

    /// <summary>Adds a forecaster of your own, to be named by <see cref="EngineOptions.Forecaster"/>.</summary>
    /// <exception cref="ArgumentException">The name is not allowed, or taken.</exception>
    public void AddForecaster(ForecasterEntry forecaster) => Engine = Engine with { KnownForecasters = Engine.KnownForecasters.With(forecaster) };

    /// <summary>Everything that is out of its bounds, in these options and those within.</summary>
    public virtual IReadOnlyList<Fault> Faults()
    {
        var check = new OptionCheck();
        check.Require(PipelineFiles is { Count: > 0 }, "none", "one pipeline file or more", nameof(PipelineFiles));
        check.Require(!string.IsNullOrWhiteSpace(DataDirectory), DataDirectory, "a folder", nameof(DataDirectory));
        check.Within(Slots, 1, 65_536);
        if (Policy is not null)
        {
            check.OneOf(Policy, Engine.KnownPolicies.Names);
            if (Engine.KnownPolicies.LiveFaultOf(Policy) is { } simulated)
                check.Require(false, Policy, simulated, nameof(Policy));
        }

        check.Add(Engine.Faults(nameof(Engine)));
        check.Add(Runs.Faults(nameof(Runs)));
        check.Add(Limits.Faults(nameof(Limits)));
        return check.Faults;
    }
}
