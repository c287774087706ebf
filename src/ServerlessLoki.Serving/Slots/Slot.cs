namespace ServerlessLoki.Serving.Slots;

/// <summary>Place where one variant runs. Changed by the <see cref="SlotManager"/> only, read by any thread.</summary>
internal sealed class Slot(string id)
{
    private volatile SlotTenancy _tenancy = SlotTenancy.Free;

    public string Id { get; } = id;

    /// <summary>Current assignment and state: an immutable snapshot, replaced as a whole.</summary>
    public SlotTenancy Tenancy
    {
        get => _tenancy;
        set => _tenancy = value;
    }

    /// <summary>Variant assigned to the slot; null = free.</summary>
    public VariantId? Assigned => _tenancy.Assigned;

    /// <summary>Worker that serves the assignment; null when free or lost.</summary>
    public Worker? Worker => _tenancy.Worker;
}
