import { compressSynchronously } from "./switched-zlib.ts";

// Import this module before any module that imports `node:zlib`, in a program that only simulates.

compressSynchronously(true);
