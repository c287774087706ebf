namespace ServerlessLoki.Planning.Policies.Proteus;

/// <summary>Constants of <see cref="ProteusPolicy"/>.</summary>
public sealed record ProteusOptions
{
    /// <summary>β of Proteus' resource allocation program: every worker's capacity is at least this times its load; at least 1. Default 1.05.</summary>
    public double Headroom { get; init; } = 1.05;

    /// <summary>True = cut capacities to whole queries per second, as the artifact does (Proteus, profiles). Default false, since a slow
    /// model that answers 0.9 queries per second would then answer none.</summary>
    public bool WholeQps { get; init; }

    /// <summary>The options, or the defaults for null.</summary>
    /// <exception cref="ArgumentException">The head-room is below 1.</exception>
    internal static ProteusOptions Checked(ProteusOptions? options)
    {
        options ??= new ProteusOptions();
        return options.Headroom >= 1 && double.IsFinite(options.Headroom)
            ? options
            : throw new ArgumentException($"$.headroom: found {options.Headroom}; allowed: at least 1", nameof(options));
    }
}
