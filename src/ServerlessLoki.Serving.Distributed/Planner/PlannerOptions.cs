using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Distributed.Planner;

/// <summary>Options of a <see cref="PlannerCycle"/>.</summary>
public sealed record PlannerOptions
{
    /// <summary>Name of the planner, for operators. Default: random.</summary>
    public string Id { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>Policy name, one of <see cref="KnownPolicies"/>. Default <c>unified</c>.</summary>
    public string Policy { get; init; } = PlanningPolicies.Default;

    /// <summary>Forecaster, one of <see cref="KnownForecasters"/>; not <c>onnx:FILE</c>. Default: the embedded host's.</summary>
    public string Forecaster { get; init; } = Forecasters.Default;

    /// <summary>Policies that can be named. Default: the built-in ones.</summary>
    public PolicyRegistry KnownPolicies { get; init; } = PolicyRegistry.Default;

    /// <summary>Forecasters that can be named. Default: the built-in ones.</summary>
    public ForecasterRegistry KnownForecasters { get; init; } = ForecasterRegistry.Default;

    /// <summary>Largest planned load as a share of capacity, above 0 up to 1. Default 0.8.</summary>
    public double Utilization { get; init; } = 0.8;

    /// <summary>Largest batch. Default 16 rows; 1 to 4,096.</summary>
    public int MaxBatch { get; init; } = 16;

    /// <summary>Time limit of each solve. Default 500 ms; above 0.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Relative gap to the bound at which a solve stops, 0 to 1. Default 0.002: a fifth of a percentage point of
    /// accuracy.</summary>
    public double RelativeGap { get; init; } = 0.002;

    /// <summary>Length of the history of demand and reports that forecasts use. Default 120 s; one second to an hour.</summary>
    public TimeSpan History { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Time that the queue of a variant that left the plan is kept, for late messages. Default 10 minutes; at least 0.</summary>
    public TimeSpan RetireAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Least slots of each device type, however low the demand; a fleet may keep more. 0 = none without demand. Default
    /// 1.</summary>
    public int LeastSlots { get; init; } = 1;

    /// <summary>Lists all options that are out of bounds.</summary>
    public IReadOnlyList<Fault> Faults()
    {
        var check = new OptionCheck();
        check.Require(!string.IsNullOrWhiteSpace(Id), Id, "a name", nameof(Id));
        check.OneOf(Policy, KnownPolicies.Names);
        var fault = KnownForecasters.FaultOf(Forecaster);
        check.Require(fault is null, Forecaster, fault ?? "", nameof(Forecaster));
        check.Share(Utilization);
        check.Within(MaxBatch, 1, 4096);
        check.Above(TimeLimit, TimeSpan.Zero);
        check.Within(RelativeGap, 0.0, 1.0);
        check.Within(History, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        check.AtLeast(RetireAfter, TimeSpan.Zero);
        check.AtLeast(LeastSlots, 0);
        return check.Faults;
    }
}
