using ServerlessLoki.Planning;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reader of <see cref="PlanningOptions"/>.</summary>
internal static class OptionsReader
{
    /// <param name="value">JSON object of the options.</param>
    /// <param name="defaults">Values for missing keys.</param>
    public static PlanningOptions Read(JsonValue value, PlanningOptions defaults)
    {
        if (!value.IsObjectWith("utilization", "processingShare", "fanOutHeadroom", "maxBatch", "fillLeftover", "timeLimitMs", "nodeLimit", "relativeGap", "objective"))
            return defaults;
        return defaults with
        {
            Utilization = (value.TryOptional("utilization", out var u) ? u.Number(0.01, 1) : null) ?? defaults.Utilization,
            ProcessingShare = (value.TryOptional("processingShare", out var s) ? s.Number(0.01, 1) : null) ?? defaults.ProcessingShare,
            FanOutHeadroom = (value.TryOptional("fanOutHeadroom", out var h) ? h.Number(1, 100) : null) ?? defaults.FanOutHeadroom,
            MaxBatch = (int?)(value.TryOptional("maxBatch", out var b) ? b.Integer(1, 1_000_000) : null) ?? defaults.MaxBatch,
            FillLeftover = (value.TryOptional("fillLeftover", out var f) ? f.Flag() : null) ?? defaults.FillLeftover,
            TimeLimit = value.TryOptional("timeLimitMs", out var t) && t.Number(1, 3_600_000) is { } ms ? TimeSpan.FromMilliseconds(ms) : defaults.TimeLimit,
            NodeLimit = (value.TryOptional("nodeLimit", out var n) ? n.Integer(1, long.MaxValue) : null) ?? defaults.NodeLimit,
            RelativeGap = (value.TryOptional("relativeGap", out var g) ? g.Number(0, 1) : null) ?? defaults.RelativeGap,
            Objective = value.TryOptional("objective", out var o) ? Objective(o) : defaults.Objective,
        };
    }

    private static ObjectiveWeights Objective(JsonValue value)
    {
        var defaults = new ObjectiveWeights();
        return !value.IsObjectWith("accuracy", "cost", "load") ? defaults : defaults with
        {
            Accuracy = (value.TryOptional("accuracy", out var a) ? a.Number(0, 1e9) : null) ?? defaults.Accuracy,
            Cost = (value.TryOptional("cost", out var c) ? c.Number(0, 1e9) : null) ?? defaults.Cost,
            Load = (value.TryOptional("load", out var l) ? l.Number(0, 1e9) : null) ?? defaults.Load,
        };
    }
}
