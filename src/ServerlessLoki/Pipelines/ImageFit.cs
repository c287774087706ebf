namespace ServerlessLoki.Pipelines;

/// <summary>Way to fit an image into a model's input of other proportions.</summary>
public enum ImageFit
{
    /// <summary>Resizes height and width independently, so that the proportions change.</summary>
    Stretch,

    /// <summary>Resizes the whole image with its proportions kept, centres it, and fills the borders.</summary>
    Letterbox,

    /// <summary>Keeps the middle of the image with its proportions, and cuts off the rest.</summary>
    CenterCrop,
}
