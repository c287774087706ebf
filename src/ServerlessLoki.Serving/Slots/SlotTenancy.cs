using ServerlessLoki.Planning;

namespace ServerlessLoki.Serving.Slots;

/// <summary>State of a slot at one moment.</summary>
/// <param name="Assigned">Variant assigned to the slot; null = free.</param>
/// <param name="Worker">Worker that serves the assignment; null when free or lost.</param>
/// <param name="Fault">Reason why the slot has no worker although it should; null while healthy.</param>
/// <param name="IsLoading">True while a variant is loaded for the slot in the background.</param>
internal sealed record SlotTenancy(VariantId? Assigned, Worker? Worker, string? Fault = null, bool IsLoading = false)
{
    /// <summary>All that the slot is to hold; null = free.</summary>
    public SlotContent? Content { get; init; }

    public static readonly SlotTenancy Free = new(null, null);
}
