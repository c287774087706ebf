namespace ServerlessLoki.Planning.Policies.InfAdapter;

/// <summary>Constants of <see cref="InfAdapterPolicy"/> (InfAdapter, limits and integer program).</summary>
public sealed record InfAdapterOptions
{
    /// <summary>w_R: accuracy that all cores of the cluster are worth; at least 0. Default 0.05.</summary>
    public double ResourceWeight { get; init; } = 0.05;

    /// <summary>w_L: accuracy that loading the slowest variant is worth; at least 0. Default 0.001.</summary>
    public double LoadingWeight { get; init; } = 0.001;

    /// <summary>True = one active variant instead of a set: MS+ of InfAdapter's baselines. Default false.</summary>
    public bool SingleVariant { get; init; }

    /// <summary>Applies the published program's extra restriction (InfAdapter, program of its artifact): all variants but the lightest
    /// together may not have more capacity than the demand. Only to explain the artifact's numbers. Default false.</summary>
    public bool ArtifactRestriction { get; init; }

    /// <summary>The options, or the defaults for null.</summary>
    /// <exception cref="ArgumentException">A weight is below 0.</exception>
    internal static InfAdapterOptions Checked(InfAdapterOptions? options)
    {
        options ??= new InfAdapterOptions();
        if (!(options.ResourceWeight >= 0) || !(options.LoadingWeight >= 0))
            throw new ArgumentException($"$.resourceWeight, $.loadingWeight: found {options.ResourceWeight}, {options.LoadingWeight}; allowed: at least 0", nameof(options));
        return options;
    }
}
