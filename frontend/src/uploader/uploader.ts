// How does a person send pictures from this computer?
export {};
