namespace ServerlessLoki.Pipelines;

/// <summary>How a picture whose proportions are not the model's is fitted into its input.</summary>
public enum ImageFit
{
    /// <summary>Height and width are resized each by itself.</summary>
    Stretch,

    /// <summary>All of the picture, its proportions kept, in the middle; borders are filled.</summary>
    Letterbox,

    /// <summary>The middle of the picture, its proportions kept; what is beside it is cut off.</summary>
    CenterCrop,
}
