namespace ServerlessLoki.Serving.Slots;

/// <summary>One place where one variant runs. Changed by the <see cref="SlotManager"/> only, read by anyone.</summary>
internal sealed class Slot(string id)
{
    private volatile SlotTenancy _tenancy = SlotTenancy.Free;

    public string Id { get; } = id;

    /// <summary>What it runs and how that is: a snapshot, replaced whole, so that readers never see half of a change.</summary>
    public SlotTenancy Tenancy
    {
        get => _tenancy;
        set => _tenancy = value;
    }

    /// <summary>What it is meant to run; null = free.</summary>
    public VariantId? Assigned => _tenancy.Assigned;

    /// <summary>The worker that serves the assignment; null when free or lost.</summary>
    public Worker? Worker => _tenancy.Worker;
}
