namespace ServerlessLoki.Serving.Workers;

/// <summary>One place where one variant runs. Touched by the <see cref="SlotManager"/> only.</summary>
internal sealed class Slot(string id)
{
    public string Id { get; } = id;

    /// <summary>What it is meant to run; null = free.</summary>
    public VariantId? Assigned { get; set; }

    /// <summary>The tenancy that serves the assignment; null when free or lost.</summary>
    public Worker? Worker { get; set; }

    /// <summary>Why it has no worker although it should; null while healthy.</summary>
    public string? Fault { get; set; }

    /// <summary>True while a variant is loaded for it beside the old one.</summary>
    public bool IsLoading { get; set; }
}
