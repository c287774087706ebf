namespace ServerlessLoki.Pipelines;

/// <summary>Channels of a model's image input.</summary>
public enum ImageChannels
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red.</summary>
    Bgr,

    /// <summary>One channel: 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601).</summary>
    Grey,
}
