namespace ServerlessLoki.Serving.Slots;

/// <summary>What a slot runs at one moment.</summary>
/// <param name="Assigned">What it is meant to run; null = free.</param>
/// <param name="Worker">The worker that serves the assignment; null when free or lost.</param>
/// <param name="Fault">Why it has no worker although it should; null while healthy.</param>
/// <param name="IsLoading">True while a variant is loaded for it beside the old one.</param>
internal sealed record SlotTenancy(VariantId? Assigned, Worker? Worker, string? Fault = null, bool IsLoading = false)
{
    public static readonly SlotTenancy Free = new(null, null);
}
